# SPDX-License-Identifier: Apache-2.0
"""The list of what is in the package is an SPDX 2.3 document, and it names what the program is really linked with."""
import hashlib
import json
import re
import subprocess

import pytest

# SPDX 2.3, chapters 6, 7, 10 and 11: the fields that must be there, and what they look like.
ANY = r"(?s).+"
ID = r"SPDXRef-[A-Za-z0-9.-]+"
DOCUMENT = {"spdxVersion": r"SPDX-2\.3", "dataLicense": r"CC0-1\.0", "SPDXID": "SPDXRef-DOCUMENT", "name": ANY,
            "documentNamespace": r"https://[^#\s]+"}
CREATED = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"
CREATOR = r"(Tool|Person|Organization): .+"
PACKAGE = {"SPDXID": ID, "name": ANY, "versionInfo": ANY, "downloadLocation": r"NOASSERTION|NONE|https?://\S+",
           "licenseConcluded": ANY, "licenseDeclared": ANY, "copyrightText": ANY}
RELATION = {"spdxElementId": ID, "relatedSpdxElement": ID, "relationshipType": "DESCRIBES|CONTAINS|DYNAMIC_LINK|STATIC_LINK"}
EXTRACTED = {"licenseId": r"LicenseRef-[A-Za-z0-9.-]+", "extractedText": ANY}
# Of SPDX's list of licences, those that occur.
KNOWN = {"Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "BSL-1.0", "MIT", "X11", "Zlib", "GPL-2.0-only", "GPL-2.0-or-later",
         "GPL-3.0-or-later", "LGPL-2.1-only", "LGPL-2.1-or-later", "LGPL-3.0-or-later"}
EXCEPTIONS = {"GCC-exception-3.1", "Linux-syscall-note"}


@pytest.fixture(scope="module")
def unpacked(package, tmp_path_factory):
    folder = tmp_path_factory.mktemp("unpacked")
    subprocess.run(["dpkg-deb", "-x", package, folder], check=True)
    return folder


@pytest.fixture(scope="module")
def document(unpacked):
    return json.loads((unpacked / "usr/share/doc/ig/ig.spdx.json").read_text())


def expect_fields(thing, fields):
    for name, pattern in fields.items():
        assert re.fullmatch(pattern, thing[name]), f"{name} of {thing}"


def test_it_has_every_field_that_must_be_there(document):
    expect_fields(document, DOCUMENT)
    assert re.fullmatch(CREATED, document["creationInfo"]["created"])
    assert all(re.fullmatch(CREATOR, creator) for creator in document["creationInfo"]["creators"])
    for name, fields in (("packages", PACKAGE), ("relationships", RELATION), ("hasExtractedLicensingInfos", EXTRACTED)):
        assert document[name]
        for thing in document[name]:
            expect_fields(thing, fields)


def test_its_references_lead_somewhere(document):
    known = [document["SPDXID"], *(package["SPDXID"] for package in document["packages"])]
    assert len(known) == len(set(known))
    related = set()
    for relation in document["relationships"]:
        assert {relation["spdxElementId"], relation["relatedSpdxElement"]} <= set(known)
        related.add(relation["relatedSpdxElement"])
    assert related == set(known) - {document["SPDXID"]}


def test_its_licences_are_names_that_spdx_knows(document):
    own = {licence["licenseId"] for licence in document["hasExtractedLicensingInfos"]}
    for package in document["packages"]:
        for part in re.split(" OR | AND ", package["licenseDeclared"]):
            name, _, exception = part.partition(" WITH ")
            assert name in KNOWN | own and exception in EXCEPTIONS | {""}, package


def test_it_lists_each_library_that_the_program_names(document, unpacked, package):
    depends = subprocess.run(["dpkg-deb", "-f", package, "Depends"], check=True, stdout=subprocess.PIPE, text=True).stdout
    linked = {relation["relatedSpdxElement"].removeprefix("SPDXRef-") for relation in document["relationships"]
              if relation["relationshipType"] == "DYNAMIC_LINK"}
    assert linked == {name.replace("+", "-") for name in re.findall(r"([a-z][\w.+-]*) \(", depends)}
    digest = hashlib.sha256((unpacked / "usr/bin/ig").read_bytes()).hexdigest()
    assert document["packages"][0]["checksums"] == [{"algorithm": "SHA256", "checksumValue": digest}]


def test_it_lists_what_was_compiled_in(document):
    names = {package["name"] for package in document["packages"]}
    assert {"libiberty-dev", "nlohmann-json3-dev", "linux-data", "systemd-data"} <= names
