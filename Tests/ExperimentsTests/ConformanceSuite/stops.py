#!/usr/bin/env python3
"""Every way in which Python can end a run, in every place where a run calls Python.

    stops.py record CHAOS                            writes stops.json with what the real chaos does
    stops.py compare COMMAND [PREFIX] [--json FILE]  holds another runner against it
    stops.py kinder COMMAND [PREFIX] [--json FILE]   the same for one that lets rollbacks and a journal survive

COMMAND is a template like "gameday run --strict {flags} --journal-path {journal} {experiment}".
Of each case the exit code, the status in the journal and the trace are kept: which controls and activities were called,
in which order. A run that leaves no journal died; then any exit code that says so will do.
"""
import concurrent.futures
import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
RECORDED = os.path.join(HERE, "stops.json")

WAYS = {
    "exit-text": 'sys.exit("enough")',
    "exit-0": "sys.exit(0)",
    "exit-30": "sys.exit(30)",
    "exit-builtin": "exit()",
    "keyboard": "raise KeyboardInterrupt",
    "generator": "raise GeneratorExit",
    "cancelled": "raise asyncio.CancelledError",
    "interrupt": 'raise InterruptExecution("enough")',
    "failed": 'raise ActivityFailed("enough")',
    "error": 'raise ValueError("enough")',
    "os-exit": "os._exit(3)",
    "kill": "os.kill(os.getpid(), signal.SIGKILL)",
    "hangup": "os.kill(os.getpid(), signal.SIGHUP)",
    "term": "os.kill(os.getpid(), signal.SIGTERM)",
    "int": "os.kill(os.getpid(), signal.SIGINT)",
    "gracefully": "exit_gracefully()",
    "ungracefully": "exit_ungracefully()",
    "thread-exit": "in_thread(sys.exit)",
    "thread-os-exit": "in_thread(lambda: os._exit(3))",
    "thread-gracefully": "in_thread(exit_gracefully)",
    "interrupt-main": "in_thread(_thread.interrupt_main)",
}

LEVELS = ("experiment", "hypothesis", "method", "activity", "rollback")
HOOKS = ["import", "configure", "cleanup"]
HOOKS += [f"{scope}-{level}" for level in LEVELS for scope in ("before", "after")]
HOOKS += ["action", "probe", "tolerance", "background", "rollback"]

MODULE = '''
import _thread, asyncio, os, signal, sys, threading, time
from chaoslib.exceptions import ActivityFailed, InterruptExecution
from chaoslib.exit import exit_gracefully, exit_ungracefully


def trace(text):
    with open("trace.log", "a") as f:
        f.write(text + "\\n")


def in_thread(function):
    thread = threading.Thread(target=function)
    thread.start()
    thread.join()
    time.sleep(0.05)


def at(place, text):
    trace(text)
    # Of the activities the one in the method, not the probe before it.
    if place == HOOK and place not in seen and (text.endswith(" a") or "activity" not in place):
        seen.add(place)
        STOP


seen = set()
HOOK = "..."


def act(name, place):
    at(place, name)
    return True


def judge(value):
    at("tolerance", "tolerance")
    return True


def configure_control(**kw): at("configure", "configure")
def cleanup_control(): at("cleanup", "cleanup")
'''
for level in LEVELS:
    for scope in ("before", "after"):
        text = f'"{scope} {level}"' + (' + " " + context["name"]' if level == "activity" else "")
        MODULE += f'def {scope}_{level}_control(context, **kw): at("{scope}-{level}", {text})\n'
MODULE += 'at("import", "import")\n'


def python(name, place, kind="action", **more):
    provider = {"type": "python", "module": "stops_mod", "func": "act", "arguments": {"name": name, "place": place}}
    return dict(type=kind, name=name, provider=provider, **more)


def process(name, seconds=0):
    return {"type": "action", "name": name, "provider": {
        "type": "process", "path": "/bin/sh", "arguments": ["-c", f"sleep {seconds}; echo {name} >> trace.log"]}}


def experiment(hook):
    judging = {"name": "judge", "type": "probe", "provider": {
        "type": "python", "module": "stops_mod", "func": "judge", "arguments": {}}}
    probe = python("p", "probe", "probe", tolerance=judging if hook == "tolerance" else True)
    is_background = hook == "background"
    first = python("a", "background", background=True) if is_background else python("a", "action")
    return {
        "title": "t", "description": "d",
        "controls": [{"name": "c", "provider": {"type": "python", "module": "stops_mod"}}],
        "steady-state-hypothesis": {"title": "h", "probes": [probe]},
        "method": [first, process("b", 0.5 if is_background else 0)],
        "rollbacks": [python("r", "rollback"), process("s")],
    }


def cases():
    for hook in HOOKS:
        for way in WAYS:
            yield hook, way, "always"
    for hook in ("before-activity", "action", "rollback", "before-experiment"):
        for way in WAYS:
            yield hook, way, "default"


def perform(case, template, environment):
    hook, way, strategy = case
    top = tempfile.mkdtemp(prefix="stops-")
    try:
        work = os.path.join(top, "work")
        os.mkdir(work)
        text = MODULE.replace("STOP", WAYS[way]).replace('HOOK = "..."', f'HOOK = "{hook}"')
        with open(os.path.join(work, "stops_mod.py"), "w") as f:
            f.write(text)
        with open(os.path.join(work, "e.json"), "w") as f:
            json.dump(experiment(hook), f)
        journal = os.path.join(top, "journal.json")
        flags = ["--rollback-strategy", strategy, "--no-validation"]
        words = []
        for word in shlex.split(template):
            if word == "{flags}":
                words += flags
            else:
                words.append(word.replace("{journal}", journal).replace("{experiment}", "e.json"))
        words[0] = shutil.which(words[0]) or words[0]
        env = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": top, "LC_ALL": "C.UTF-8", "TERM": "dumb",
               "PYTHONPATH": work, "PYTHONDONTWRITEBYTECODE": "1", **environment}
        try:
            ended = subprocess.run(words, cwd=work, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.STDOUT, start_new_session=True, timeout=60)
            code, output = ended.returncode, ended.stdout.decode("utf-8", "replace")
        except subprocess.TimeoutExpired:
            code, output = "timeout", ""
        found = {"exit": code, "status": None, "deviated": None, "trace": []}
        if os.path.exists(journal):
            with open(journal) as f:
                written = json.load(f)
            found["status"], found["deviated"] = written["status"], written["deviated"]
            found["run"] = [[run["activity"]["name"], run.get("status")] for run in written["run"] + written["rollbacks"]]
        path = os.path.join(work, "trace.log")
        if os.path.exists(path):
            with open(path) as f:
                found["trace"] = f.read().splitlines()
        return found, output
    finally:
        shutil.rmtree(top, ignore_errors=True)


def difference(hook, expected, found):
    if found["exit"] == "timeout":
        return "it does not end"
    died = expected["status"] is None
    if died and found["status"] is not None:
        return f"a journal says {found['status']}, where the original died"
    # Exit code 0 of something that was not carried out would be a lie, even if the original tells it.
    if died and found["exit"] == 0 or not died and found["exit"] != expected["exit"]:
        return f"exit {found['exit']}, expected {expected['exit']}"
    if found["status"] != expected["status"] or found["deviated"] != expected["deviated"]:
        return f"status {found['status']}, expected {expected['status']}"
    # What runs beside something else meets it at another moment each time.
    if hook == "background":
        return None
    if found.get("run") != expected.get("run"):
        return f"activities {found.get('run')}, expected {expected.get('run')}"
    if found["trace"] != expected["trace"]:
        return "called " + ", ".join(found["trace"]) + "; expected " + ", ".join(expected["trace"])
    return None


def kinder_difference(hook, expected, found):
    """A runner may undo more and write more than the original. It must stop where that stops, and say so."""
    if found["exit"] == "timeout":
        return "it does not end"
    completed = expected["status"] == "completed"
    # An error while all is cleaned up kills only the original.
    is_late = hook == "cleanup" and not completed and found["status"] == "completed"
    if not completed and not is_late and found["exit"] == 0:
        return "exit 0 of what was not carried out"
    if found["status"] is not None and expected["status"] is not None and found["status"] != expected["status"]:
        return f"status {found['status']}, expected {expected['status']}"
    if hook == "background":
        return None
    done = [[name for name in result["trace"] if name in ("p", "a", "b")] for result in (found, expected)]
    if done[0] != done[1]:
        return f"carried out {done[0]}, expected {done[1]}"
    return None


def main():
    mode, template = sys.argv[1:3]
    wanted = list(cases())
    if mode == "record":
        template += " --no-version-check run {flags} --journal-path {journal} {experiment}"
    passed = {name: os.environ[name] for name in ("GAMEDAY_PYTHON",) if name in os.environ}
    if len(sys.argv) > 3 and sys.argv[3] != "--json":
        wanted = [case for case in wanted if "/".join(case).startswith(sys.argv[3])]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        results = list(pool.map(lambda case: perform(case, template, passed), wanted))
    named = {"/".join(case): found for case, (found, _) in zip(wanted, results)}
    if mode == "record":
        with open(RECORDED, "w") as f:
            lines = ",\n".join(f"  {json.dumps(name)}: {json.dumps(found)}" for name, found in named.items())
            f.write('{\n "command": ' + json.dumps("chaos 1.19.0, chaostoolkit-lib 1.44.0: " + " ".join(
                ["chaos"] + template.split()[1:])) + ',\n "cases": {\n' + lines + "\n }\n}\n")
        return
    with open(RECORDED) as f:
        expected = json.load(f)["cases"]
    problems = {}
    for case, (found, output) in zip(wanted, results):
        name = "/".join(case)
        problem = (kinder_difference if mode == "kinder" else difference)(case[0], expected[name], found)
        problems[name] = problem
        if problem:
            print(f"{name}: {problem}\n   " + output.strip().replace("\n", "\n   ")[-600:])
    print(f"{sum(not p for p in problems.values())} of {len(problems)} as the original")
    if "--json" in sys.argv:
        with open(sys.argv[sys.argv.index("--json") + 1], "w") as f:
            json.dump(problems, f)


if __name__ == "__main__":
    main()
