"""Who may enter: the owner of the folder and root, known by the kernel, through the socket only."""

import os

from paidan.kit.postgres.account import user_name

# The role the application works as, and the superuser that only the supervisor and `db shell --superuser` use.
ROLE = "paidan"
SUPERVISOR = "paidan_supervisor"
MAP = "owner"

HBA = f"""# Written by Paidan. The kernel says who is at the socket; nobody needs, or can use, a password.
# Add lines below to let others in, and set listen_addresses in postgresql.conf for the network.
local all {ROLE},{SUPERVISOR} peer map={MAP}
local replication {SUPERVISOR} peer map={MAP}
"""


def ident() -> str:
    """The map from system users to roles: whoever started the cluster, and root, who could become them anyway."""
    names = dict.fromkeys((user_name(os.geteuid()), user_name(0)))
    lines = [f'{MAP} "{name}" {role}\n' for name in names for role in (ROLE, SUPERVISOR)]
    return "# Written by Paidan at each start.\n" + "".join(lines)
