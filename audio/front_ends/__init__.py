"""Front ends: what turns a clip into the numbers that a model reads.

`undertone` are the features of `audio.features`, which need nothing and which labelling functions
are written in. Instead of them a model can read openSMILE's eGeMAPS, or what a self-supervised
encoder hears (WavLM, HuBERT, wav2vec 2.0). `choosing.resolve` makes one of a `FrontEndSpec`.
"""

from audio.front_ends.protocol import FrontEnd, FrontEndError
from audio.front_ends.spec import FRONT_ENDS, OWN, FrontEndSpec

__all__ = ["FRONT_ENDS", "OWN", "FrontEnd", "FrontEndError", "FrontEndSpec"]
