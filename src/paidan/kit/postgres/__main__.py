"""`python -m paidan.kit.postgres start|stop|status|shell FOLDER`: the supervisor alone, for the Makefile."""

import sys

from paidan.kit.postgres.cluster import Cluster
from paidan.kit.postgres.errors import ClusterError


def main(command: str, folder: str) -> int:
    """Run one command on the cluster in `folder`; the exit code."""
    cluster = Cluster(folder)
    if command == "start":
        cluster.start()
        cluster.ensure_database()
    elif command == "stop":
        cluster.stop()
    elif command == "status":
        print(cluster.status())
    elif command == "shell":
        return cluster.shell()
    else:
        print(__doc__, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(*sys.argv[1:3]) if len(sys.argv) == 3 else main("", ""))
    except ClusterError as error:
        sys.exit(str(error))
