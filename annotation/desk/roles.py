"""Who may do what: one table of every route and the roles that may call it.

A route that is not in the table is refused to everybody, and a test holds the two together. To
add a page: write the route, add its line here.
"""

ANNOTATOR, LEAD, SCIENTIST, ADMIN = ROLES = ("annotator", "lead", "data scientist", "admin")
ANYBODY = frozenset({"nobody", *ROLES})
"""Also who is not signed in."""
SIGNED_IN = frozenset(ROLES)
JUDGES = frozenset({ANNOTATOR, LEAD, ADMIN})
LEADS = frozenset({LEAD, ADMIN})
READERS = frozenset({LEAD, SCIENTIST, ADMIN})
ADMINS = frozenset({ADMIN})

ACCESS: dict[tuple[str, str], frozenset[str]] = {
    # pages
    ("GET", "/"): SIGNED_IN,
    ("GET", "/login"): ANYBODY,
    ("POST", "/login"): ANYBODY,
    ("POST", "/logout"): SIGNED_IN,
    ("GET", "/invitation/{token}"): ANYBODY,
    ("POST", "/invitation/{token}"): ANYBODY,
    ("GET", "/judge/{batch_id}"): JUDGES,
    ("GET", "/account"): SIGNED_IN,
    ("POST", "/account/password"): SIGNED_IN,
    ("POST", "/account/tokens"): SIGNED_IN,
    ("POST", "/account/tokens/{token_id}/revoke"): SIGNED_IN,
    ("GET", "/people"): LEADS,
    ("POST", "/people/invitations"): LEADS,
    ("POST", "/people/invitations/{invitation_id}/end"): LEADS,
    ("POST", "/people/{name}/revoke"): ADMINS,
    ("POST", "/people/{name}/restore"): ADMINS,
    ("POST", "/people/{name}/role"): ADMINS,
    ("POST", "/people/{name}/batches"): LEADS,
    ("GET", "/log"): LEADS,
    ("GET", "/review"): READERS,
    ("GET", "/review/{batch_id}"): READERS,
    ("POST", "/review/flags/{flag_id}/settle"): LEADS,
    ("GET", "/disputes"): LEADS,
    ("GET", "/disputes/{batch_id}/{segment_id}"): LEADS,
    ("POST", "/disputes/{batch_id}/{segment_id}"): LEADS,
    ("GET", "/export"): READERS,
    ("GET", "/guidelines"): SIGNED_IN,
    ("GET", "/guidelines/edit"): LEADS,
    ("POST", "/guidelines"): LEADS,
    ("GET", "/webhooks"): LEADS,
    ("POST", "/webhooks"): LEADS,
    ("POST", "/webhooks/{webhook_id}/remove"): LEADS,
    ("GET", "/calibration"): JUDGES,
    ("POST", "/calibration"): JUDGES,
    ("GET", "/calibration/{calibration_id}/{nth}"): JUDGES,
    ("POST", "/calibration/{calibration_id}/{nth}"): JUDGES,
    # sounds: the signed link is the right
    ("GET", "/audio/{segment_id}"): ANYBODY,
    ("GET", "/picture/{segment_id}"): ANYBODY,
    ("GET", "/health"): ANYBODY,
    # the ML backend of Label Studio
    ("POST", "/setup"): READERS,
    ("POST", "/predict"): READERS,
    ("POST", "/webhook"): LEADS,
    # the API
    ("GET", "/api/docs"): SIGNED_IN,
    ("GET", "/api/openapi.json"): SIGNED_IN,
    ("GET", "/api/me"): SIGNED_IN,
    ("GET", "/api/batches"): SIGNED_IN,
    ("GET", "/api/batches/{batch_id}"): SIGNED_IN,
    ("POST", "/api/batches/{batch_id}/next"): JUDGES,
    ("POST", "/api/batches/{batch_id}/undo"): JUDGES,
    ("PUT", "/api/batches/{batch_id}/overlap"): LEADS,
    ("PUT", "/api/batches/{batch_id}/people/{name}"): LEADS,
    ("DELETE", "/api/batches/{batch_id}/people/{name}"): LEADS,
    ("POST", "/api/judgements"): JUDGES,
    ("GET", "/api/judgements"): SIGNED_IN,
    ("POST", "/api/leases/{lease_id}/return"): JUDGES,
    ("GET", "/api/scheme"): SIGNED_IN,
    ("GET", "/api/people"): LEADS,
    ("POST", "/api/people/invitations"): LEADS,
    ("POST", "/api/people/{name}/revoke"): ADMINS,
    ("GET", "/api/log"): LEADS,
    ("GET", "/api/batches/{batch_id}/review"): READERS,
    ("GET", "/api/disputes"): LEADS,
    ("POST", "/api/disputes/{batch_id}/{segment_id}"): LEADS,
    ("GET", "/api/export"): READERS,
    ("GET", "/api/guidelines"): SIGNED_IN,
    ("POST", "/api/guidelines"): LEADS,
    ("GET", "/api/webhooks"): LEADS,
    ("POST", "/api/webhooks"): LEADS,
    ("DELETE", "/api/webhooks/{webhook_id}"): LEADS,
    ("GET", "/api/deliveries"): LEADS,
    ("GET", "/api/calibration"): JUDGES,
    ("POST", "/api/calibration"): JUDGES,
    ("POST", "/api/calibration/{calibration_id}/{nth}"): JUDGES,
}


def may_invite(role: str, invited: str) -> bool:
    """Whether somebody of a role may invite somebody of another: a lead no admin, nor a lead."""
    return role == ADMIN or (role == LEAD and invited in (ANNOTATOR, SCIENTIST))
