# SPDX-License-Identifier: Apache-2.0
"""Images without a registry: archives of one layer, as `docker save` writes them, which every engine imports."""
import hashlib
import io
import json
import tarfile


def _digest(data):
    return hashlib.sha256(data).hexdigest()


def _layer(files):
    """`files`: where in the image → what of this machine; a folder with all that is in it."""
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as archive:
        for place, source in files.items():
            archive.add(source, arcname=place)
    return data.getvalue()


def write_image(archive, name, files, command):
    layer = _layer(files)
    configuration = json.dumps({"architecture": "amd64", "os": "linux", "config": {"Entrypoint": command},
                                "rootfs": {"type": "layers", "diff_ids": [f"sha256:{_digest(layer)}"]}}).encode()
    manifest = json.dumps([{"Config": f"{_digest(configuration)}.json", "RepoTags": [name], "Layers": ["layer.tar"]}]).encode()
    with tarfile.open(archive, "w") as out:
        for path, data in ((f"{_digest(configuration)}.json", configuration), ("layer.tar", layer), ("manifest.json", manifest)):
            entry = tarfile.TarInfo(path)
            entry.size = len(data)
            out.addfile(entry, io.BytesIO(data))
    return archive
