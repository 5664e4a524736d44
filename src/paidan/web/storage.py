"""Static files by their hashed, compressed copy where they were collected, by their plain name where they were not."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class CollectedOrPackaged(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Tests and development need no collecting step; `paidan web` does it by itself."""

    manifest_strict = False

    def stored_name(self, name: str) -> str:
        if self.hash_key(self.clean_name(name)) in self.hashed_files:
            return str(super().stored_name(name))
        return name
