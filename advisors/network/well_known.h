// SPDX-License-Identifier: Apache-2.0
// What every cluster calls so.
#pragma once

namespace ig {

// A label that Kubernetes gives every namespace since 1.21: its name.
inline constexpr const char* kNamespaceNameLabel = "kubernetes.io/metadata.name";
// The API server's service.
inline constexpr const char* kApiService = "default/kubernetes";

}  // namespace ig
