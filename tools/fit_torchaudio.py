"""Make torchaudio importable beside a CPU build of torch.

torchaudio's PyPI wheel carries libraries linked against CUDA. Beside a CUDA torch they load;
beside a CPU torch `import torchaudio` dies looking for libc10_cuda.so. Its Python code works
without them (it provides for their absence), so only in that one case they are set aside.
"""

import importlib.util
import subprocess
import sys
from pathlib import Path


def import_error() -> str | None:
    """The last line of what `import torchaudio` says, or None when it imports."""
    tried = subprocess.run(
        [sys.executable, "-c", "import torchaudio"], capture_output=True, text=True, check=False
    )
    return None if tried.returncode == 0 else tried.stderr.strip().splitlines()[-1]


def main() -> int:
    error = import_error()
    if error is None:
        return 0
    if "libc10_cuda" not in error and "Could not load this library" not in error:
        print(f"torchaudio does not import, and not for want of CUDA: {error}", file=sys.stderr)
        return 1
    spec = importlib.util.find_spec("torchaudio")
    if spec is None or spec.origin is None:
        print("torchaudio is not installed", file=sys.stderr)
        return 1
    libraries = sorted((Path(spec.origin).parent / "lib").glob("*.so"))
    for library in libraries:
        library.rename(library.with_suffix(".so.cuda-only"))
    error = import_error()
    if error is not None:
        print(f"torchaudio still does not import: {error}", file=sys.stderr)
        return 1
    print(
        f"torchaudio: set {len(libraries)} CUDA libraries aside (this torch is a CPU build); "
        "it now runs in pure PyTorch"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
