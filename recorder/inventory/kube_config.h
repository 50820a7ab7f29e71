// SPDX-License-Identifier: Apache-2.0
// Where an API server is and who we are to it: from a kubeconfig, as kubectl reads it, or from what
// a pod is given (its service account). Programs that a kubeconfig would have run to get a token
// are never run: a file must not decide what a recorder executes.
#pragma once

#include <string>

#include "base/result.h"

namespace ig {

struct KubeConfig {
  std::string host, port;         // of a URL https://host:port/prefix
  std::string prefix;             // "" or "/k8s/clusters/x"
  std::string server_name;        // that its certificate is for
  std::string ca;                 // PEM; "" = those that the machine trusts
  bool is_verified = true;        // false: insecure-skip-tls-verify
  std::string certificate, key;   // PEM, of the client; "" = none
  std::string token, token_file;  // a file is read anew for each request: it is rotated

  std::string url() const;  // for people: without credentials
  Result<std::string> bearer() const;
};

// `context` "" is the file's current one. Files that it names are relative to its own folder.
Result<KubeConfig> read_kubeconfig(const std::string& path, const std::string& context);

// Of the pod that this is. `folder` and the variables KUBERNETES_SERVICE_HOST and _PORT are the
// same in every pod.
Result<KubeConfig> service_account_config(
    const std::string& folder = "/var/run/secrets/kubernetes.io/serviceaccount");

}  // namespace ig
