# SPDX-License-Identifier: Apache-2.0
"""What a real API server says of advised policies: it takes them, as they are, and stores what was meant."""
import json

import pytest
import yaml

from support.kube import SOURCE

GOLDEN = sorted(path.name for path in (SOURCE / "tests/golden").glob("network_policy_*.yaml")
                if "kind: NetworkPolicy\n" in path.read_text() and "networking.k8s.io/v1" in path.read_text())


def test_there_are_policies():
    assert len(GOLDEN) >= 2


@pytest.mark.parametrize("name", GOLDEN)
def test_the_api_server_takes_it_as_it_is(kube, namespace, tmp_path, name):
    text = (SOURCE / "tests/golden" / name).read_text()
    policy = yaml.safe_load(text)
    policy["metadata"]["namespace"] = namespace
    file = tmp_path / "policy.yaml"
    file.write_text(text.replace("\n  namespace: shop\n", f"\n  namespace: {namespace}\n"))
    stored = json.loads(kube.kubectl("apply", "--dry-run=server", "-o", "json", "-f", str(file)))
    assert stored["spec"] == policy["spec"]  # nothing was dropped, nothing filled in
