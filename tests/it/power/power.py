#!/usr/bin/env python3
"""Power cuts, kills and failing disks under the finished program. Standard library only.

usage: power.py cut BIN [N] | kill BIN [N] | faults BIN [STEP]        SEED=n repeats a run

Each load ingests one file of ROWS new, countable records, so the right figure is always ROWS x loads:
  lost     an acknowledged snapshot is missing, or its figure is too small
  doubled  a figure is larger than the loads listed explain
  torn     a figure is no multiple of ROWS, `verify` complains, or a table cannot be read
Exit code 0: all well. 1: something was lost, doubled or torn. 77: something this needs is missing (named).
"""
import json, os, random, re, shutil, signal, statistics, subprocess, sys, tempfile, threading, time
from collections import Counter
from pathlib import Path

ROWS = 20
SNAPSHOT = re.compile(r"S\d{6}-[0-9a-f]{8}")
SEED = int(os.environ.get("SEED", time.time_ns() % 1_000_000))
DICE = random.Random(SEED)
CALLS = ["write", "pwrite64", "fsync", "fdatasync", "rename", "renameat", "renameat2", "link", "linkat"]


class Broken(Exception):
    """What should hold does not."""


def missing(what):
    print(f"not run: {what}")
    sys.exit(77)


def need(*tools):
    for tool, package in tools:
        if shutil.which(tool) is None:
            missing(f"{tool} is not installed (apt-get install {package})")


# --- submissions ---------------------------------------------------------------------------------------------------

def resident_id(n):
    """A valid number for the n-th synthetic person: area, birthday, sequence, check digit."""
    day = time.strftime("%Y%m%d", time.gmtime(n % 9000 * 86400))
    body = f"220102{day}{n // 9000 % 1000:03d}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return body + "10X98765432"[sum(int(d) * w for d, w in zip(body, weights)) % 11]


def submission(folder, number):
    """The number-th file of ROWS records, each of a person nobody else is."""
    header = "record_no,id_number,name,primary_group,division,class_no,training_type,level,start_date,end_date,status"
    lines = [header]
    for row in range(ROWS):
        n = number * ROWS + row
        lines.append(f"R{n:07d},{resident_id(n)},合成{n},TG01,220102,C{number:05d},TT01,LN,2019-09-02,2019-09-20,结业")
    path = Path(folder) / f"training__DP01__220102__2019-09__{number:05d}.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


# --- the program ---------------------------------------------------------------------------------------------------

class Program:
    def __init__(self, binary):
        self.binary = str(Path(binary).resolve())
        if not os.access(self.binary, os.X_OK):
            missing(f"{binary} is not a program")

    def argv(self, *words, project=None):
        return [self.binary, *map(str, words), *(["--project", str(project)] if project else [])]

    def run(self, *words, project=None, timeout=120):
        done = subprocess.run(self.argv(*words, project=project), capture_output=True, text=True, timeout=timeout)
        if done.returncode:
            raise Broken(f"`{' '.join(map(str, words))}` ends with {done.returncode}: {done.stderr[-2000:]}")
        return done.stdout

    def init(self, project):
        self.run("init", project)

    def ingest(self, file, project):
        return self.run("ingest", file, "--format", "json", project=project)

    def snapshots(self, project):
        """Ids in order of publication, each once."""
        found = SNAPSHOT.findall(self.run("snapshots", "--format", "json", project=project))
        return sorted(set(found))

    def figure(self, project, as_of=None):
        words = ["query", "trained_person_times", "--format", "json"] + (["--as-of", as_of] if as_of else [])
        answer = json.loads(self.run(*words, project=project))
        totals = answer.get("totals")
        rows = [totals] if isinstance(totals, dict) else totals or answer["rows"]
        return int(sum(float(row["value"] or 0) for row in rows))

    def check(self, project, acknowledged, tally):
        """Compares what is there with what was acknowledged; gives the number of loads there."""
        try:
            self.run("verify", project=project)
            listed = self.snapshots(project)
            figure = self.figure(project) if listed else 0
            gone = [one for one in acknowledged if one not in listed]
            sample = DICE.sample(acknowledged, min(2, len(acknowledged)))
            older = [(one, self.figure(project, one)) for one in sample if one in listed]
        except (Broken, ValueError, KeyError, subprocess.TimeoutExpired) as problem:
            tally["torn"] += 1
            print(f"torn: {problem}", file=sys.stderr)
            return 0
        wrong = [f"{one} counts {value}" for one, value in older if value != ROWS * (listed.index(one) + 1)]
        if gone or figure < ROWS * len(acknowledged):
            tally["lost"] += 1
            print(f"lost: {gone}; {figure} of {ROWS * len(acknowledged)}", file=sys.stderr)
        if figure > ROWS * len(listed):
            tally["doubled"] += 1
            print(f"doubled: {figure} in {len(listed)} loads of {ROWS}", file=sys.stderr)
        if figure % ROWS or wrong or (listed and figure < ROWS * len(listed)):
            tally["torn"] += 1
            print(f"torn: {figure} in {len(listed)} loads of {ROWS}; {wrong}", file=sys.stderr)
        return len(listed)


# --- power cuts ----------------------------------------------------------------------------------------------------

def mount(image, folder):
    Path(folder).mkdir(exist_ok=True)
    done = subprocess.run(["mount", "-o", "loop", str(image), str(folder)], capture_output=True, text=True)
    if done.returncode:
        missing(f"this machine mounts no loop devices: {done.stderr.strip()}")


def umount(folder):
    for _ in range(50):
        if subprocess.run(["umount", str(folder)], capture_output=True).returncode == 0:
            return
        time.sleep(0.1)
    raise Broken(f"cannot unmount {folder}")


class Workload(threading.Thread):
    """Ingests one file after the other and notes, outside the image, what was acknowledged."""

    def __init__(self, program, project, inbox):
        super().__init__(daemon=True)
        self.program, self.project, self.inbox = program, project, inbox
        self.acknowledged, self.seconds, self.error = [], [], None
        self.child, self.stopping = None, False

    def run(self):
        number = 0
        while not self.stopping:
            file = submission(self.inbox, number)
            start = time.monotonic()
            argv = self.program.argv("ingest", file, "--format", "json", project=self.project)
            self.child = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            out, err = self.child.communicate()
            if self.child.returncode:
                self.error = f"ingest ends with {self.child.returncode}: {err[-2000:]}"
                return
            self.seconds.append(time.monotonic() - start)
            self.acknowledged += SNAPSHOT.findall(out)[:1]
            number += 1

    def signal(self, number):
        if self.child and self.child.poll() is None:
            try:
                self.child.send_signal(number)
            except ProcessLookupError:
                pass


def cut(binary, count=100):
    if os.geteuid() != 0:
        missing("only root can mount a file system")
    need(("mkfs.ext4", "e2fsprogs"), ("mount", "mount"))
    program, tally, done, resumed, most = Program(binary), Counter(), 0, 0, 0
    while done < count:
        with tempfile.TemporaryDirectory(prefix="dabiao-cut-") as work:
            work = Path(work)
            image, copy = work / "disk", work / "cut"
            with image.open("wb") as file:
                file.truncate(256 << 20)
            subprocess.run(["mkfs.ext4", "-q", "-F", str(image)], check=True)
            mount(image, work / "live")
            try:
                project = work / "live" / "project"
                program.init(project)
                os.sync()
                (work / "inbox").mkdir()
                load = Workload(program, project, work / "inbox")
                load.start()
                for _ in range(min(10, count - done)):
                    typical = statistics.median(load.seconds) if load.seconds else 0.5
                    time.sleep(DICE.uniform(0, 3 * typical))
                    if load.error:
                        raise Broken(load.error)
                    load.signal(signal.SIGSTOP)
                    acknowledged = list(load.acknowledged)
                    subprocess.run(["cp", "--sparse=always", str(image), str(copy)], check=True)
                    load.signal(signal.SIGCONT)
                    most = max(most, len(acknowledged))
                    resumed += after_cut(program, copy, work, acknowledged, tally)
                    done += 1
                load.stopping = True
                load.join(timeout=60)
            finally:
                umount(work / "live")
    print(f"{done} cuts: {tally['lost']} lost, {tally['doubled']} doubled, {tally['torn']} torn "
          f"(up to {most} loads acknowledged, {resumed} resumed, seed {SEED})")
    return sum(tally.values()) == 0 and resumed == done


def after_cut(program, image, work, acknowledged, tally):
    """What the machine finds after the power is back, and whether the next load goes through."""
    mount(image, work / "after")
    try:
        project = work / "after" / "project"
        there = program.check(project, acknowledged, tally)
        program.ingest(submission(work, 99_000), project)
        if program.figure(project) == ROWS * (there + 1):
            return 1
        print("not resumed: the next load does not add its rows", file=sys.stderr)
    except Broken as problem:
        print(f"not resumed: {problem}", file=sys.stderr)
    finally:
        umount(work / "after")
    return 0


# --- kills ---------------------------------------------------------------------------------------------------------

def kill(binary, count=200):
    program, tally, killed, files = Program(binary), Counter(), 0, 0
    while killed < count:
        # A fresh project now and then: what is checked is the instant of the kill, not the size of the lake.
        with tempfile.TemporaryDirectory(prefix="dabiao-kill-") as work:
            more, loads = kill_some(program, work, min(25, count - killed), tally)
            killed, files = killed + more, files + loads
    print(f"{killed} kills: {tally['lost']} lost, {tally['doubled']} doubled, {tally['torn']} torn "
          f"({files} files, seed {SEED})")
    return sum(tally.values()) == 0


def kill_some(program, work, count, tally):
    """Kills `count` loads of one project, each file once and then loaded in peace: one that was being read in two
    dead runs would be set aside by design. Gives the kills and the files."""
    project, acknowledged, seconds, killed, number = Path(work) / "project", [], [], 0, 0
    program.init(project)
    while killed < count:
        file = submission(work, number)
        number += 1
        # Two loads pass unharmed first, to learn how long one takes.
        patience = DICE.uniform(0, statistics.median(seconds[-9:])) if len(seconds) > 1 else 120
        for patience in (patience, 120):
            argv = program.argv("ingest", file, "--format", "json", project=project)
            start = time.monotonic()
            child = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
            try:
                out, _ = child.communicate(timeout=patience)
            except subprocess.TimeoutExpired:
                child.kill()
                child.communicate()
                killed += 1
                continue
            if child.returncode:
                tally["torn"] += 1
                print(f"torn: ingest ends with {child.returncode} after a kill: {out[-500:]}", file=sys.stderr)
            elif patience == 120 and SNAPSHOT.search(out):
                seconds.append(time.monotonic() - start)
            acknowledged += SNAPSHOT.findall(out)[:1]
            break
        if number % 10 == 0:
            program.check(project, sorted(set(acknowledged)), tally)
    program.check(project, sorted(set(acknowledged)), tally)
    figure = program.figure(project)
    if figure != ROWS * number:
        tally["lost" if figure < ROWS * number else "doubled"] += 1
        print(f"{figure} rows instead of {ROWS * number}", file=sys.stderr)
    return killed, number


# --- failing disks -------------------------------------------------------------------------------------------------

def count_calls(program, file, project, work):
    """How often one load makes each call, at most, in any of its threads (strace counts per thread)."""
    log = Path(work) / "calls"
    trace = ["strace", "-f", "-qq", "-o", str(log), "-e", "trace=" + ",".join(CALLS)]
    done = subprocess.run(trace + program.argv("ingest", file, project=project), capture_output=True, text=True)
    if done.returncode:
        missing(f"strace cannot follow the program: {done.stderr[-500:]}")
    calls = Counter()
    for line in log.read_text(errors="replace").splitlines():
        found = re.match(r"(\d+)\s+(\w+)\(", line)
        if found:
            calls[found.group(2), found.group(1)] += 1
    most = Counter()
    for (call, _), times in calls.items():
        most[call] = max(most[call], times)
    return most


def fault(program, template, work, file, call, error, n, tally):
    project = Path(work) / "fault"
    shutil.rmtree(project, ignore_errors=True)
    shutil.copytree(template, project, symlinks=True)
    what = f"{call} {n} {error}"
    inject = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={call}", "-e", f"inject={call}:error={error}:when={n}"]
    try:
        done = subprocess.run(inject + program.argv("ingest", file, "--format", "json", project=project),
                              capture_output=True, text=True, timeout=120)
        between = program.figure(project)
        if done.returncode == 0 and between != 2 * ROWS:
            raise Broken(f"ends with 0 but counts {between}")
        if between not in (ROWS, 2 * ROWS):
            raise Broken(f"counts {between} after the failure")
        program.ingest(file, project)
        program.run("verify", project=project)
        after = program.figure(project)
        if after != 2 * ROWS:
            raise Broken(f"counts {after} after a run without failures")
        tally["failed cleanly" if done.returncode else "committed"] += 1
    except (Broken, ValueError, subprocess.TimeoutExpired) as problem:
        tally["broken"] += 1
        print(f"{what}: {problem}", file=sys.stderr)


def faults(binary, step=1):
    need(("strace", "strace"))
    program, tally = Program(binary), Counter()
    with tempfile.TemporaryDirectory(prefix="dabiao-faults-") as work:
        template, spare = Path(work) / "template", Path(work) / "spare"
        program.init(template)
        program.ingest(submission(work, 0), template)
        file = submission(work, 1)
        shutil.copytree(template, spare, symlinks=True)
        calls = count_calls(program, file, spare, work)
        for call, most in sorted(calls.items()):
            for error in ("ENOSPC", "EIO"):
                for n in range(1 + DICE.randrange(min(step, most)), most + 1, step):
                    fault(program, template, work, file, call, error, n, tally)
    tried = sum(tally.values())
    each = ", ".join(f"{call} {most}" for call, most in sorted(calls.items()))
    print(f"{tried} faults ({each}; every {step}): {tally['failed cleanly']} failed cleanly, "
          f"{tally['committed']} committed, {tally['broken']} broken (seed {SEED})")
    return tally["broken"] == 0


def main():
    commands = {"cut": cut, "kill": kill, "faults": faults}
    if len(sys.argv) not in (3, 4) or sys.argv[1] not in commands:
        sys.exit(__doc__)
    try:
        good = commands[sys.argv[1]](sys.argv[2], *map(int, sys.argv[3:]))
    except Broken as problem:
        print(f"broken: {problem}", file=sys.stderr)
        good = False
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
