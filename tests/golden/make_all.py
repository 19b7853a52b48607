"""Makes every golden file: runs each make_*.py beside it, in a process of its own."""
import glob
import os
import subprocess
import sys

here = os.path.dirname(os.path.abspath(__file__))
scripts = sorted(path for path in glob.glob(os.path.join(here, "make_*.py")) if path != os.path.abspath(__file__))
failed = [path for path in scripts if subprocess.run([sys.executable, path]).returncode != 0]
sys.exit(f"failed: {' '.join(failed)}" if failed else 0)
