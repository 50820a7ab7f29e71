// SPDX-License-Identifier: Apache-2.0
#include "cli/kube_options.h"

namespace ig {

std::vector<Option> kube_options() {
  return {{"kubeconfig", "FILE", "asks the API server that this kubeconfig names"},
          {"context", "NAME", "with --kubeconfig: this context instead of its current one"},
          {"kubernetes", "", "asks the API server of the cluster that ig runs in as a pod"}};
}

Result<std::optional<KubeConfig>> parse_kube_options(const Arguments& arguments) {
  const bool has_file = arguments.has("kubeconfig"), is_pod = arguments.has("kubernetes");
  if (arguments.has("context") && !has_file) {
    return fail(ErrorCode::kUsage, "--context chooses within a kubeconfig, and there is none",
                "name it too: --kubeconfig FILE");
  }
  if (has_file && is_pod) {
    return fail(ErrorCode::kUsage, "--kubeconfig and --kubernetes are two API servers",
                "one of them is asked");
  }
  if (is_pod) return service_account_config();
  if (!has_file) return std::nullopt;
  return read_kubeconfig(arguments.text("kubeconfig"), arguments.text("context"));
}

}  // namespace ig
