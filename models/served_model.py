"""The emotion model as MLflow serves it: features in, emotions and scales out.

MLflow runs this file when it loads the model (models from code), so nothing is pickled.
"""

from typing import Any

import mlflow
import pandas as pd

from models.answers import answers
from models.emotion_model import EmotionModel


class ServedEmotionModel(mlflow.pyfunc.PythonModel):
    """`predict` takes features and returns what `models.answers.answers` makes of them."""

    def load_context(self, context: Any) -> None:
        """Reads the model file that was logged beside this code."""
        self.model = EmotionModel.load(context.artifacts["emotion_model"])

    def predict(
        self,
        context: Any,  # noqa: ARG002
        model_input: pd.DataFrame,
        params: dict[str, Any] | None = None,  # noqa: ARG002
    ) -> pd.DataFrame:
        """One row a segment; see `models.answers.answers`."""
        return answers(self.model, model_input)


mlflow.models.set_model(ServedEmotionModel())
