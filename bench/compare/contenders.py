"""Corrie and its peers as processes that answer one row after the other."""
import json
import os
import pathlib
import subprocess
import sys

PEERS = ("pytorch", "onnxruntime", "openvino")


class _Process:
    def __init__(self, name, command, threads):
        self.name, self.command = name, command
        self.environment = dict(os.environ, OMP_NUM_THREADS=str(threads))
        self._start()

    def _start(self):
        self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL, env=self.environment, text=True)

    def ask(self, line):
        """The answer to a line; a process that the line has ended is started again for the next."""
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if answer:
            return json.loads(answer)
        code = self.process.wait()
        self._start()
        return {"error": f"the process ended with exit code {code}"}

    def close(self):
        self.process.stdin.close()
        self.process.wait()

    def computes(self, row):
        return True


class Corrie(_Process):
    """Answers {"median_us", "min_us", "implementation", ...} or {"error"}."""

    def __init__(self, command, threads, milliseconds):
        super().__init__("corrie", [command, "bench", "conv", "--shapes", "-", "--json", "--threads", str(threads),
                                    "--time", str(milliseconds)], threads)

    def time(self, row):
        return self.ask(f"--reset --dir={row.direction} --dt={row.dtype} {row.text}")


class Peer(_Process):
    """Answers {"variants": {name: [median_us, min_us]}} or {"error"}. `about` tells what it is and computes."""

    def __init__(self, name, threads, milliseconds):
        script = pathlib.Path(__file__).with_name("serve.py")
        super().__init__(name, [sys.executable, str(script), name, str(threads), str(milliseconds)], threads)
        self.about = self.ask("{}")
        if "error" in self.about:
            raise RuntimeError(f"{name}: {self.about['error']}")

    def computes(self, row):
        return row.direction in self.about["directions"] and row.dtype in self.about["dtypes"]

    def time(self, row):
        return self.ask(json.dumps({"problem": row.text, "direction": row.direction, "dtype": row.dtype}))
