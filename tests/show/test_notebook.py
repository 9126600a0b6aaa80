"""The example notebook, run by a real kernel as Jupyter runs it."""

from __future__ import annotations

import base64
import io
import logging
import re
from pathlib import Path

import pytest

nbformat = pytest.importorskip("nbformat", reason="nbclient is not installed (pip install nbclient ipykernel)")
nbclient = pytest.importorskip("nbclient", reason="nbclient is not installed (pip install nbclient ipykernel)")
pytest.importorskip("ipykernel", reason="ipykernel is not installed (pip install ipykernel)")

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "lecture.ipynb"


def run(notebook, folder: Path) -> None:
    """Execute in place. The kernel is this very Python, whatever kernels the machine has."""
    from jupyter_client import AsyncKernelManager
    from jupyter_client.kernelspec import KernelSpecManager

    logging.getLogger("traitlets").setLevel(logging.ERROR)  # it warns of what Python's end tidies up
    own = AsyncKernelManager(kernel_name="python3", kernel_spec_manager=KernelSpecManager(kernel_dirs=[]))
    where = {"metadata": {"path": str(folder)}}
    nbclient.NotebookClient(notebook, timeout=300, km=own, resources=where, coalesce_streams=True).execute()


def film_in(html: str) -> bytes:
    """The video that a cell shows."""
    return base64.b64decode(re.search(r'<source src="data:video/mp4;base64,([^"]+)"', html)[1])


@pytest.mark.slow
def test_the_example_notebook_shows_its_films_with_captions(tmp_path):
    """Protects the promise that a lecturer can open the example and run all cells."""
    import av

    notebook = nbformat.read(EXAMPLE, as_version=4)
    nbformat.validate(notebook)
    assert all(not cell.get("outputs") for cell in notebook.cells), "films do not belong into the repository"
    for cell in notebook.cells:  # the same lecture, small
        cell.source = cell.source.replace('"quality": "l"', '"size": "160x90", "fps": 4')
        cell.source = cell.source.replace("-q l", "--size 160x90 --fps 4")
    run(notebook, tmp_path)
    shown = [out.data for cell in notebook.cells if cell.cell_type == "code" for out in cell.outputs if "data" in out]
    films = [data["text/html"] for data in shown if "<video" in data.get("text/html", "")]
    assert len(films) == 4
    for html in films:
        with av.open(io.BytesIO(film_in(html))) as video:
            assert video.streams.video[0].width == 160 and float(video.duration) / av.time_base > 5
        words = base64.b64decode(re.search(r'<track kind="captions"[^>]* src="data:text/vtt;base64,([^"]+)"', html)[1]).decode()
        assert words.startswith("WEBVTT") and "-->" in words
        assert 'aria-label="' in html and "http" not in html
    assert all("image/png" in data for data in shown if "<video" in data.get("text/html", ""))
    assert not list(tmp_path.iterdir()), "a film that is only shown leaves nothing behind"


@pytest.mark.slow
def test_a_cell_tells_mistakes_in_one_sentence_and_draws_a_bar(tmp_path):
    """A lecturer in front of a class must not meet a screen of traceback."""
    cells = [
        "from chainreel import show\nshow.backward('x*y', x=1, y=2, size='160x90', fps=4, output='kept')",
        "import os; print(sorted(os.listdir('.')))",
        "%load_ext chainreel.show",
        "%%chainreel backward --at v=2 --size 160x90 --fps 4\ndef cube(v):\n    return v**3",
        "print(cube(2))",
        "def cube(v):\n    return v**3 + v\nshow.forward(cube, v=2, size='160x90', fps=4).numbers",
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    run(notebook, tmp_path)
    first = notebook.cells[0].outputs
    assert [out.output_type for out in first] == ["display_data", "execute_result"]  # the bar (empty by now), the film
    assert first[0].data["text/html"] == ""
    assert "kept.mp4" in notebook.cells[1].outputs[0].text and "kept.vtt" in notebook.cells[1].outputs[0].text
    assert "<video" in notebook.cells[3].outputs[-1].data["text/html"]
    assert notebook.cells[4].outputs[0].text == "8\n"  # the function of the magic is the notebook's, too
    assert "'10'" in notebook.cells[5].outputs[-1].data["text/plain"]

    wrong = ["from chainreel import show", "show.backward('x*y', x=1, y=2, theme='pape')"]
    bad = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in wrong])
    with pytest.raises(nbclient.exceptions.CellExecutionError):
        run(bad, tmp_path)
    error = bad.cells[1].outputs[-1]
    assert error.ename == "Refusal" and len(error.traceback) == 1
    assert error.traceback[0].startswith("chainreel: there is no theme 'pape'")
