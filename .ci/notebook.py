"""Run the tutorial notebook with this environment's Python and write its outputs into it: `make notebook`."""

import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import nbformat
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient

NOTEBOOK = Path(__file__).resolve().parents[1] / "docs" / "tutorial" / "statistics.ipynb"
STRICT = """
import warnings
warnings.simplefilter("error")
warnings.filterwarnings("ignore", module="ipykernel")  # the kernel's own affairs
"""
SECONDS_PER_CELL = 60


class OwnKernel(AsyncKernelManager):
    """The ipykernel of this very environment: no folder is searched for others."""

    def __init__(self, **options: Any) -> None:
        specs = KernelSpecManager(kernel_dirs=[])
        super().__init__(kernel_spec_manager=specs, transport_encryption="auto", **options)


def read(path: Path = NOTEBOOK) -> nbformat.NotebookNode:
    """Read a notebook with its stored outputs."""
    return nbformat.read(path, as_version=nbformat.NO_CONVERT)


def run(path: Path = NOTEBOOK) -> nbformat.NotebookNode:
    """Run a notebook in its own folder, warnings being errors, and return it with what it printed."""
    notebook = read(path)
    notebook.cells.insert(0, nbformat.v4.new_code_cell(STRICT))
    client = NotebookClient(
        notebook,
        kernel_manager_class=OwnKernel,
        kernel_name="python3",
        timeout=SECONDS_PER_CELL,
        resources={"metadata": {"path": str(path.parent)}},
        record_timing=False,
    )
    with TemporaryDirectory(prefix="notebook-") as folder:
        client.create_kernel_manager().connection_file = str(Path(folder, "kernel.json"))
        # Nobody's own start-up files and habits take part.
        client.execute(env={**os.environ, "IPYTHONDIR": folder, "PYTHONSTARTUP": ""})
    del notebook.cells[0]
    return without_traces(notebook)


def without_traces(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Count the cells in their order, and drop what the machine says of itself."""
    code_cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for number, cell in enumerate(code_cells, start=1):
        cell.execution_count = number
        for output in cell.outputs:
            if "execution_count" in output:
                output.execution_count = number
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    return notebook


if __name__ == "__main__":
    nbformat.write(run(), NOTEBOOK)
    sys.stdout.write(f"{NOTEBOOK.name} is renewed: look at the difference before you commit it.\n")
