// SPDX-License-Identifier: Apache-2.0
#include "recorder/inventory/kube_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "tests/support/scratch_folder.h"

namespace ig {
namespace {

using testing::HasSubstr;

class KubeConfigTest : public testing::Test {
 protected:
  std::string write(const std::string& name, const std::string& text) {
    const auto path = (folder_.path() / name).string();
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }
  Result<KubeConfig> read(const std::string& cluster, const std::string& user,
                          const std::string& context = "") {
    return read_kubeconfig(write("config",
                                 "current-context: one\n"
                                 "contexts:\n"
                                 "- {name: one, context: {cluster: c, user: u}}\n"
                                 "- {name: two, context: {cluster: c}}\n"
                                 "clusters: [{name: c, cluster: {" +
                                     cluster +
                                     "}}]\n"
                                     "users: [{name: u, user: {" +
                                     user + "}}]\n"),
                           context);
  }
  std::string error_of(const std::string& cluster, const std::string& user,
                       const std::string& context = "") {
    const auto config = read(cluster, user, context);
    return config ? "none" : config.error().message + " / " + config.error().hint;
  }

  ScratchFolder folder_;
};

TEST_F(KubeConfigTest, UrlsAreTakenApartAndShownWithoutCredentials) {
  const auto parts = [&](const std::string& url) {
    const auto config = read("server: \"" + url + "\"", "");
    return config ? config->host + " " + config->port + " " + config->prefix + " " + config->url()
                  : config.error().message;
  };
  EXPECT_EQ(parts("https://k8s.example"), "k8s.example 443  https://k8s.example:443");
  EXPECT_EQ(parts("https://10.0.0.1:6443/"), "10.0.0.1 6443  https://10.0.0.1:6443");
  EXPECT_EQ(parts("https://[fd00::1]:6443"), "fd00::1 6443  https://[fd00::1]:6443");
  EXPECT_EQ(parts("https://me:secret@r.example/k8s/clusters/c-1/"),
            "r.example 443 /k8s/clusters/c-1 https://r.example:443/k8s/clusters/c-1");
  EXPECT_THAT(parts("http://127.0.0.1:8001"), HasSubstr("not https"));
  EXPECT_THAT(parts("https://[fd00::1"), HasSubstr("no host"));
  EXPECT_THAT(parts("https://"), HasSubstr("no host"));
  EXPECT_THAT(parts(""), HasSubstr("not https"));
}

TEST_F(KubeConfigTest, DataInTheFileAndFilesBesideItAreRead) {
  write("ca.crt", "CA");
  write("token", "abc\n");
  const auto config =
      read("server: https://a, certificate-authority: ca.crt, tls-server-name: b",
           "client-certificate-data: Q0VSVA==, client-key-data: S0VZ, tokenFile: token");
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->ca, "CA");
  EXPECT_EQ(config->certificate, "CERT");
  EXPECT_EQ(config->key, "KEY");
  EXPECT_EQ(config->server_name, "b");
  EXPECT_EQ(*config->bearer(), "abc");
  EXPECT_TRUE(config->is_verified);
  write("token", "rotated");
  EXPECT_EQ(*config->bearer(), "rotated") << "a token file is read anew";
}

TEST_F(KubeConfigTest, AContextMayBeChosen) {
  EXPECT_EQ(read("server: https://a", "token: t")->token, "t");
  EXPECT_EQ(read("server: https://a", "token: t", "two")->token, "");
  EXPECT_THAT(error_of("server: https://a", "", "three"), HasSubstr("no context 'three'"));
}

TEST_F(KubeConfigTest, ProgramsAreNotRun) {
  EXPECT_THAT(error_of("server: https://a", "exec: {command: touch, args: [/tmp/x]}"),
              HasSubstr("which ig does not run"));
  EXPECT_THAT(error_of("server: https://a", "exec: {command: aws}"),
              HasSubstr("ig session enrich SESSION --inventory FILE"));
  EXPECT_THAT(error_of("server: https://a", "auth-provider: {name: gcp}"),
              HasSubstr("auth-provider"));
}

TEST_F(KubeConfigTest, WhatCannotBeUsedIsSaid) {
  EXPECT_THAT(error_of("server: https://a, certificate-authority: none.crt", ""),
              HasSubstr("none.crt"));
  EXPECT_THAT(error_of("server: https://a, certificate-authority-data: '%%%'", ""),
              HasSubstr("not base64"));
  EXPECT_THAT(error_of("server: https://a, proxy-url: http://p", ""), HasSubstr("proxy"));
  EXPECT_THAT(error_of("server: https://a", "username: me, password: x"), HasSubstr("password"));
  for (const auto* text : {"", "[", "7", "- a", "a: b\n---\nc: d", "current-context: one"}) {
    EXPECT_FALSE(read_kubeconfig(write("config", text), "")) << text;
  }
  EXPECT_FALSE(read_kubeconfig("/nonexistent", ""));
  EXPECT_FALSE(read_kubeconfig("/dev/zero", ""));
}

TEST_F(KubeConfigTest, APodHasItsServiceAccount) {
  write("token", "abc\n");
  write("ca.crt", "CA");
  ::unsetenv("KUBERNETES_SERVICE_HOST");
  EXPECT_THAT(service_account_config(folder_.path()).error().message, HasSubstr("not a pod"));
  ::setenv("KUBERNETES_SERVICE_HOST", "fd00::1", 1);
  ::setenv("KUBERNETES_SERVICE_PORT", "443", 1);
  const auto config = service_account_config(folder_.path());
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->url(), "https://[fd00::1]:443");
  EXPECT_EQ(*config->bearer(), "abc");
  EXPECT_EQ(config->ca, "CA");
  EXPECT_FALSE(service_account_config("/nonexistent"));
}

}  // namespace
}  // namespace ig
