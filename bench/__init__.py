"""One command per measure: each prints its figure beside a floor or peer measured in the same run."""
