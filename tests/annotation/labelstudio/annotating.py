"""People who annotate there, and what has come of it here."""

import db.judgements
from tests.annotation.desk.conftest import an_account
from tests.annotation.labelstudio.stand_in import choice


def judgements(desk, **more):
    with desk.workspace.reading() as tx:
        return db.judgements.read(tx, ["expert"], **more)


def tasks(there):
    return list(there.tasks.values())


def ada_in(desk, there):
    """A user there who is ada here."""
    an_account(desk, "ada")
    return there.add_user("ada@example.org")


def annotated_by(user, there, n=3):
    """What a user there said of the first tasks."""
    said = [choice("emotion", "fear")]
    return [there.annotate(task["id"], user, said) for task in tasks(there)[:n]]


def judged_by(desk, there, n=3):
    """A user there who is ada here, and has annotated the first tasks."""
    return annotated_by(ada_in(desk, there), there, n)
