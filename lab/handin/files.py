"""The two files that a learner hands in."""

from dataclasses import asdict, dataclass

from lab import __version__
from lab.handin.desk import Made
from lab.handin.notebook import file_name, to_bytes
from lab.handin.receipt import Receipt, hash_of_notebook, hash_of_texts, with_receipt
from lab.handin.retrospective.pdf import to_pdf
from lab.learner.retrospective import Retrospective

PDF_NAME = "retrospective.pdf"


@dataclass(frozen=True)
class HandIn:
    """A hand-in: an executed notebook and a retrospective, with a receipt in both."""

    made: Made
    retrospective: Retrospective

    @property
    def receipt(self) -> Receipt:
        """The receipt; the same notebook and the same texts have the same one."""
        return Receipt(
            seed=self.made.content.dataset.seed,
            notebook=hash_of_notebook(self.made.notebook),
            retrospective=hash_of_texts(asdict(self.retrospective)),
            made=f"{self.made.at:%Y-%m-%d %H:%M} UTC",
            version=__version__,
        )

    @property
    def notebook_name(self) -> str:
        """The name of the notebook's file."""
        return file_name(self.made.content.name)

    def notebook(self) -> bytes:
        """Return the notebook as a file."""
        return to_bytes(with_receipt(self.made.notebook, self.receipt))

    def pdf(self) -> bytes:
        """Return the retrospective as a file; raise LabError when it cannot be made."""
        return to_pdf(self.retrospective, self.receipt.lines, made=self.made.at)
