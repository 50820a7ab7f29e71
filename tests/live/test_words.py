# SPDX-License-Identifier: Apache-2.0
"""What ig says of itself to man(1) and to shells, as those take it."""
import subprocess

import pytest

from support.need import need_program


def run(*command, **options):
    done = subprocess.run(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60, **options)
    assert done.returncode == 0, done.stderr
    return done


@pytest.fixture
def on_path(ig):
    return ig.on_path()


def test_groff_has_nothing_against_the_manual(ig, tmp_path):
    need_program("groff", "groff-base")
    ig.run("help", "--manual", tmp_path)
    pages = sorted(tmp_path.iterdir())
    assert {"ig.1", "ig-record.1", "ig-session-info.1"} <= {page.name for page in pages}
    for page in pages:
        assert run("groff", "-man", "-Tutf8", "-ww", "-z", page).stderr == ""
    text = run("groff", "-man", "-Tascii", "-P-c", tmp_path / "ig-record.1").stdout
    assert "--duration" in text, "an option can be searched for as it is written"


def test_bash_completes(on_path):
    script = 'source <(ig completion bash); COMP_WORDS=(ig session q); COMP_CWORD=2; _ig; echo "${COMPREPLY[@]}"'
    assert run("bash", "-c", script, env=on_path).stdout == "query\n"


def test_bash_completes_files(on_path, tmp_path):
    (tmp_path / "a b.db").touch()
    script = 'source <(ig completion bash); COMP_WORDS=(ig session info a); COMP_CWORD=3; _ig; echo "${COMPREPLY[0]}"'
    assert run("bash", "-c", script, env=on_path, cwd=tmp_path).stdout == "a b.db\n"


def test_fish_completes(on_path):
    need_program("fish", "fish")
    done = run("fish", "--no-config", "-c", "ig completion fish | source; complete -C 'ig session q'", env=on_path)
    assert done.stdout == "query\tAsk a session file in SQL\n"


def test_zsh_takes_the_script(ig, tmp_path):
    need_program("zsh", "zsh")
    (tmp_path / "_ig").write_text(ig.run("completion", "zsh"))
    run("zsh", "-f", "-n", tmp_path / "_ig")
