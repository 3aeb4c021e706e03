"""What the style says, checked: sizes, rooms, nothing undone, nothing dead, nothing of one machine."""

from __future__ import annotations

import ast
import re

from tests.architecture.house import CODE, PRODUCT, ROOT, module, short, sources, texts, tree

Function = ast.FunctionDef | ast.AsyncFunctionDef
Defined = Function | ast.ClassDef

FILE_LINES, FUNCTION_LINES = 300, 60
SPEAKS_FOR_ITSELF = 8  # lines of a function whose name and types are enough

ROOMS = {"README.md", "__init__.py", "events", "deciders", "projections", "policies", "clocks.py", "api", "service.py", "rules"}
OWN_ROOMS = {
    "volunteers": {"reception", "pages"},
    "alerts": {"formats", "observations", "channels"},
    "registry": {"provinces", "provinces.py", "directory.py"},
    "resources": {"formats"},
    "compensation": {"pages"},
    "privacy": {"channels", "custodian.py", "hearing.py", "pages", "searching"},
}
NO_SERVICE = {"client", "pages", "start", "operate"}  # asks a node over HTTP, is shown by it, starts it, looks after it
ENGINE = {"kernel", "sql", "kafka", "eventlog", "handling", "runtime"}
SHARED = ENGINE | {"blocks", "rules", "geo", "blobs", "paper", "reach", "vault", "web", "testing"}

# Nobody imports these: `ortoo` and `python -m` start them, and the tests import what is made for tests.
ENTRY = {"services.cli"}
FOR_TESTS = ("shared.testing.", "shared.runtime.simulated")

# Spelled so that this file does not find itself.
MACHINE = re.compile(r"(?<![\w.])/(w[o]rk|r[o]ot|h[o]me/[a-z]+|U[s]ers/[a-z]+)/")
REGISTRY = re.compile(r"https?://|py[p]i|python[h]osted|npm[j]s", re.IGNORECASE)
UNDONE = re.compile(r"\b(T[O]DO|F[I]XME|X[X]X)\b")
SKIPPED = re.compile(r"pytest\.(mark\.)?(s[k]ip|x[f]ail)|import[o]rskip|unittest\.s[k]ip")


def test_a_file_fits_in_the_head():
    long = {short(path): n for path in sources(*CODE) if (n := len(path.read_text().splitlines())) > FILE_LINES}
    assert not long, long


def test_a_function_fits_on_a_page():
    long = {}
    for path in sources(*CODE):
        for node in ast.walk(tree(path)):
            if isinstance(node, Function) and (lines := _own_lines(node)) > FUNCTION_LINES:
                long[f"{short(path)}:{node.lineno} {node.name}"] = lines
    assert not long, long


def test_no_file_knows_the_machine_it_was_written_on():
    assert not _lines(MACHINE, texts())


def test_lock_files_name_versions_and_no_hosts():
    locks = [path for path in texts() if path.name in {"constraints.txt", "no-deps.txt", "pyproject.toml"} or "lock" in path.name]
    assert len(locks) >= 3
    assert not _lines(REGISTRY, locks)


def test_nothing_is_left_undone():
    assert not _lines(UNDONE, [path for path in texts() if path.suffix in {".py", ".toml", ".sql", ".html", ".js", ".css"}])


def test_no_test_is_skipped():
    assert not _lines(SKIPPED, sources("tests", "shared", "bench"))


def test_no_error_is_swallowed_in_silence():
    silent = []
    for path in sources(*PRODUCT):
        lines = path.read_text().splitlines()
        for node in ast.walk(tree(path)):
            if not isinstance(node, ast.ExceptHandler) or not _catches_all(node):
                continue
            if not _accounted_for(node) and "#" not in lines[node.lineno - 1]:
                silent.append(f"{short(path)}:{node.lineno}")
    assert not silent, silent


def test_every_room_is_a_known_one():
    unknown = []
    for service in (path for path in (ROOT / "services").iterdir() if path.is_dir() and path.name not in NO_SERVICE | {"__pycache__"}):
        known = ROOMS | OWN_ROOMS.get(service.name, set()) | {"__pycache__"}
        unknown += [short(path) for path in service.iterdir() if path.name not in known]
    unknown += [short(path) for path in (ROOT / "shared").iterdir() if path.is_dir() and path.name not in SHARED | {"__pycache__"}]
    assert not unknown, unknown


def test_every_service_has_a_page_that_says_what_it_decides():
    services = [path.parent for path in (ROOT / "services").glob("*/service.py")]
    assert services
    assert not [short(service) for service in services if not (service / "README.md").exists()]


def test_no_module_is_dead():
    imported: dict[str, set[str]] = {}
    for path in sources(*CODE):
        for name in _imports(path):
            imported.setdefault(name, set()).add(module(path))
    dead = []
    for path in sources(*PRODUCT):
        name = module(path)
        if path.name in {"__init__.py", "__main__.py"} or name in ENTRY:
            continue
        users = imported.get(name, set()) - {name}
        if not name.startswith(FOR_TESTS):
            users = {user for user in users if not user.startswith("tests")}
        if not users:
            dead.append(name)
    assert not dead, dead


def test_what_is_public_says_what_it_promises():
    silent = []
    for path in sources(*PRODUCT):
        top = tree(path)
        if ast.get_docstring(top) is None and top.body:
            silent.append(short(path))
        silent += [f"{short(path)}:{node.lineno} {node.name}" for node in _public(top) if not _speaks(node)]
    assert not silent, "\n".join(silent)


def _public(top: ast.Module) -> list[Defined]:
    return [node for node in top.body if isinstance(node, Defined) and not node.name.startswith("_")]


def _speaks(node: Defined) -> bool:
    """A docstring; or a name that is the whole sentence: a policy, a route, a body, or a few lines that say it themselves."""
    if ast.get_docstring(node) is not None or node.name.startswith("when_") or node.name in {"main", "routes", "router", "add"}:
        return True
    return isinstance(node, Function) and _span(node) <= SPEAKS_FOR_ITSELF


def _own_lines(function: Function) -> int:
    """Without the functions inside it, which are counted by themselves (a router's routes)."""
    inside = [node for node in function.body if isinstance(node, Function)]
    return _span(function) - sum(_span(node) for node in inside)


def _span(node: Function) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def _lines(pattern, paths) -> list[str]:
    return [
        f"{short(path)}:{n} {line.strip()[:100]}"
        for path in paths
        for n, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if pattern.search(line)
    ]


def _catches_all(node: ast.ExceptHandler) -> bool:
    return node.type is None or (isinstance(node.type, ast.Name) and node.type.id in {"Exception", "BaseException"})


def _accounted_for(node: ast.ExceptHandler) -> bool:
    """Raised again, handed on, or logged."""
    for inner in ast.walk(node):
        if isinstance(inner, ast.Raise):
            return True
        if isinstance(inner, ast.Attribute) and inner.attr in {"exception", "error", "warning", "critical", "set_exception"}:
            return True
        if isinstance(inner, ast.Name) and inner.id in {"log", "log_bug"}:
            return True
    return False


def _imports(path) -> set[str]:
    names = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith(("services.", "shared.")):
            names.add(node.value.partition(":")[0])  # import_module("services.alerts.service"), "services.client.tail:tail"
    return names
