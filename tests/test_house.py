"""The house is as it says: who may import whom, sizes, documents that match the code, and nothing of one machine."""

import ast
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

import handlers
from bot import config, errors
from bot.views import ids

ROOT = Path(__file__).parents[1]
SETTINGS = tuple(name.upper() for name in config.Settings.model_fields)


@cache
def kept() -> tuple[Path, ...]:
    """Every file that is, or would be, in the repository."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    return tuple(path for name in listed.stdout.splitlines() if (path := ROOT / name).is_file())


def modules(*tops: str) -> list[Path]:
    """The Python files below these folders."""
    return [path for path in kept() if path.suffix == ".py" and path.relative_to(ROOT).parts[0] in tops]


def named(path: Path) -> str:
    """The path as people write it."""
    return path.relative_to(ROOT).as_posix()


def text(name: str) -> str:
    """What stands in a document."""
    return (ROOT / name).read_text(encoding="utf-8")


def test_who_may_import_whom(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every contract of pyproject.toml is kept."""
    monkeypatch.chdir(ROOT)
    assert EXIT_STATUS_SUCCESS == lint_imports(no_cache=True)


def test_modules_are_small() -> None:
    """Below 300 lines, below 400 in tests and in the sandbox: when one grows, a second noun is hiding in it."""

    def limit(path: Path) -> int:
        return 400 if named(path).startswith(("tests/", "bot/sandbox/")) else 300

    sizes = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in modules("bot", "handlers", "tests")}
    assert {} == {named(path): size for path, size in sizes.items() if size > limit(path)}


@cache
def tree(path: Path) -> ast.Module:
    """What the file says, read once."""
    return ast.parse(path.read_text(encoding="utf-8"))


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function of a file, wherever it stands."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """The lines of the function, less its signature and docstring."""
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return (function.end_lineno or 0) - body[0].lineno + 1 if body else 0


def test_functions_are_short() -> None:
    """Below 40 lines each, and half of them below 10."""
    lengths = {
        f"{named(path)}:{function.name}": length(function)
        for path in modules("bot", "handlers")
        if "versions" not in path.parts  # a migration is a list of columns, and stays as it was when it was made
        for function in functions(path)
    }
    assert {} == {name: size for name, size in lengths.items() if size > 40}
    assert 10 > sorted(lengths.values())[len(lengths) // 2]


def test_packages_do_nothing_when_imported() -> None:
    """Every __init__ is empty but the one of handlers, which says what is registered."""
    inits = [path for path in modules("bot", "handlers", "tests") if path.name == "__init__.py"]
    assert ["handlers/__init__.py"] == [named(path) for path in inits if path.read_text(encoding="utf-8").strip()]


def test_modules_say_what_they_are() -> None:
    """Each opens with a docstring, and no file is a drawer for odds and ends."""
    files = [path for path in modules("bot", "handlers", "tests") if path.name != "__init__.py"]
    assert [] == [named(path) for path in files if not ast.get_docstring(tree(path))]
    drawers = {"utils", "helpers", "common", "manager", "base", "core", "misc"}
    assert [] == [named(path) for path in files if path.stem in drawers]


def test_tests_are_claims() -> None:
    """Every test says in words what is true."""
    assert [] == [
        f"{named(path)}:{function.name}"
        for path in modules("tests")
        for function in functions(path)
        if function.name.startswith("test_") and not ast.get_docstring(function)
    ]


def broad(handler: ast.ExceptHandler) -> bool:
    """Whether an `except` takes whatever comes."""
    return handler.type is None or (
        isinstance(handler.type, ast.Name) and handler.type.id in {"Exception", "BaseException"}
    )


def test_broad_excepts_stand_where_they_are_allowed() -> None:
    """Bolt's error listener with the background it serves, and the job runner: nowhere else may an error get lost."""
    places = {
        named(path)
        for path in modules("bot", "handlers")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ExceptHandler) and broad(node)
    }
    assert places <= {"bot/background.py", "bot/jobs/embedded.py", "bot/jobs/distributed.py", "handlers/errors.py"}


@pytest.mark.parametrize("document", ["README.md", ".env.example"])
def test_every_setting_is_told(document: str) -> None:
    """README and the example name each setting."""
    told = text(document)
    assert [] == [name for name in SETTINGS if not re.search(rf"\b{name}\b", told)]


def test_defaults_are_those_of_the_code() -> None:
    """README and the example show what is really the default."""
    for name, field in config.Settings.model_fields.items():
        default = field.default
        if not isinstance(default, str | int | float) or isinstance(default, bool):
            continue
        assert f"| `{name.upper()}` | `{default}` |" in text("README.md")
        assert f"# {name.upper()}={default}\n" in text(".env.example")


def test_readme_names_only_what_there_is() -> None:
    """Every `make` target and every command of README exists; every target says what it does."""
    readme, makefile = text("README.md"), text("Makefile")
    targets = set(re.findall(r"^([a-z-]+):.*## ", makefile, re.MULTILINE))
    assert set(re.findall(r"\bmake ([a-z-]+)", readme)) <= targets
    assert {"help", "demo", "sandbox", "test", "test-slow", "check", "fix"} <= targets
    commands = set(re.findall(r"python -m bot ([a-z]+)", readme + text("Procfile")))
    known = set(re.findall(r'^@\w+\.command\("?([a-z]*)"?\)\ndef (\w+)', text("bot/cli/commands.py"), re.MULTILINE))
    assert commands <= {given or function for given, function in known} | {"connect", "policy", "receipts"}


def drawn() -> Iterator[str]:
    """What ARCHITECTURE.md's tree names: modules as files, and folders as `bot/jobs/`."""
    tree = re.search(r"```tree\n(.*?)```", text("ARCHITECTURE.md"), re.DOTALL)
    assert tree, "ARCHITECTURE.md has no tree"
    folders: list[str] = []
    for line in tree.group(1).splitlines():
        level = (len(line) - len(line.lstrip())) // 2
        folders = folders[:level]
        for name in re.split(r" {2,}", line.strip(), maxsplit=1)[0].split():
            if name.endswith("/"):
                folders.append(name.rstrip("/"))
                yield "/".join([*folders, ""])
            else:
                yield "/".join([*folders, f"{name}.py"])


def test_architecture_draws_every_module_once() -> None:
    """No module is missing, imagined or drawn twice; a folder drawn without modules stands for all of its own."""
    lines = list(drawn())
    closed = tuple(one for one in lines if one.endswith("/") and not any(o != one and o.startswith(one) for o in lines))
    real = [named(path) for path in modules("bot", "handlers") if path.name != "__init__.py"]
    shown = [*(name for name in real if not name.startswith(closed)), "handlers/__init__.py"]
    assert set() == set(shown) ^ {one for one in lines if not one.endswith("/")}
    assert len(set(lines)) == len(lines)
    assert [] == [folder for folder in closed if not any(name.startswith(folder) for name in real)]


def test_documents_link_to_what_is_there() -> None:
    """No link of a document leads nowhere."""
    for document in kept():
        if document.suffix == ".md":
            for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", document.read_text(encoding="utf-8")):
                assert (document.parent / target).exists(), f"{named(document)} links to {target}"


def leaves(kind: type[errors.AppError]) -> Iterator[type[errors.AppError]]:
    """The errors that are raised: those that no other error refines."""
    below = kind.__subclasses__()
    if not below:
        yield kind
    for one in below:
        yield from leaves(one)


def ours() -> set[type[errors.AppError]]:
    """The leaves of the drawn tree, whoever else refined one in a test."""
    return {leaf for leaf in leaves(errors.AppError) if leaf.__module__ == errors.__name__}


def test_errors_are_as_drawn() -> None:
    """The tree at the top of bot/errors.py is the code below it, in the same order."""
    drawing = re.findall(r"[├└]── (\w+)", errors.__doc__ or "")
    source = ast.parse(text("bot/errors.py"))
    classes = [node.name for node in source.body if isinstance(node, ast.ClassDef)]
    assert drawing == [name for name in classes if name in drawing]
    assert {leaf.__name__ for leaf in ours()} <= set(drawing)


def test_every_error_has_words() -> None:
    """Each leaf is turned into words by a view, by the listener that meets it, or at the terminal."""
    speakers = [path for path in modules("bot", "handlers") if {"views", "handlers"} & set(path.parts)]
    told = "\n".join(path.read_text(encoding="utf-8") for path in speakers)
    told += text("bot/__main__.py")
    missing = {leaf.__name__ for leaf in ours() if not re.search(rf"\b{leaf.__name__}\b", told)}
    # SlackUndelivered is told by the kind of message it leads to: UNDELIVERED.
    assert missing <= {"SlackUndelivered"}


def test_nothing_names_a_machine_or_a_registry() -> None:
    """Neither a path of whoever wrote it nor the host of a package registry is in any file."""
    hosts = "|".join(["pypi" + r"\.org", "python" + "hosted", "npm" + r"js\.", "deb" + r"\.debian"])
    folders = "work|farm|root|home/[a-z]+|Users/[A-Za-z]+|tmp/venv"
    wrong = re.compile(rf"{hosts}|(?<![\w.])/(?:{folders})/")
    found = []
    for path in kept():
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except UnicodeDecodeError:
            continue
        found += [f"{named(path)}:{number}" for number, line in enumerate(lines, 1) if wrong.search(line)]
    assert [] == found


def test_constraints_are_versions_alone() -> None:
    """One exact version per line: no address, no file, no option."""
    lines = [line for line in text("constraints.txt").splitlines() if not line.startswith("#")]
    assert [] == [line for line in lines if not re.fullmatch(r"[A-Za-z0-9._-]+==[0-9][A-Za-z0-9.!+]*", line)]


def test_every_id_has_its_listener() -> None:
    """What a view or message can send is what is listened to: no dead button, no listener for nothing."""
    assert set(ids.ACTIONS) == set(handlers.ACTIONS)
    assert set(ids.VIEWS) == set(handlers.CLOSED)
    assert set(ids.OPTIONS) == set(handlers.OPTIONS)
    assert set(handlers.SUBMITTED) <= set(ids.VIEWS)


def test_ids_are_unique() -> None:
    """An id means one thing."""
    for group in (ids.ACTIONS, ids.VIEWS, ids.BLOCKS, ids.OPTIONS):
        assert sorted(set(group)) == sorted(group)
