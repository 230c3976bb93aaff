"""The wiring: which adapter stands behind each door, for one home. Each is opened at its first use."""

from __future__ import annotations

from datetime import time, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from agent.adapters.catalogue import SqliteCatalogue
from agent.adapters.embedder import open_embedder
from agent.adapters.embedder.cache import CachedEmbedder
from agent.adapters.gateway import open_gateway
from agent.adapters.gateway.chroma import ChromaGateway
from agent.adapters.home_lock import HomeLock
from agent.adapters.processes import LocalProcesses
from agent.adapters.vault import GitVault
from agent.closing import follow
from agent.errors import VaultError
from agent.home import CATALOGUE
from agent.ports import ChangeScanner, CodeRepository, Limits, Redactor
from agent.settings import Settings

if TYPE_CHECKING:
    from agent.adapters.engine import DbosJobs
    from agent.adapters.registry import SqlRegistry


class House:
    """The doors of one home. Satisfies `ports.Doors`."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.home = settings.home

    @cached_property
    def vault(self) -> GitVault:
        if not (self.settings.vault_path / ".git").exists():
            raise VaultError(
                f"there is no vault at {self.settings.vault_path}",
                hint="run `closer init` to make or adopt one",
            )
        return GitVault(self.settings.vault_path)

    @cached_property
    def catalogue(self) -> SqliteCatalogue:
        return SqliteCatalogue(self.home / CATALOGUE)

    @cached_property
    def embedder(self) -> CachedEmbedder:
        chosen = self.settings.embedder
        inner = open_embedder(chosen.model, chosen.folder or self.home / "models", chosen.threads)
        return CachedEmbedder(inner, self.home / "vectors.db")

    @cached_property
    def gateway(self) -> ChromaGateway:
        chosen = self.settings.gateway
        where: Path | str = chosen.url if chosen.mode == "server" else self.home / "gateway"
        return open_gateway(chosen.mode, where, self.vault.id, self.embedder.stamp, deadline=chosen.deadline)

    @cached_property
    def redactor(self) -> Redactor:
        from agent.adapters.redactor import SpanRedactor

        return SpanRedactor()

    @cached_property
    def registry(self) -> SqlRegistry:
        from agent.adapters.registry import SqlRegistry

        chosen = self.settings.registry
        if chosen.url is None:
            return SqlRegistry(f"sqlite:///{self.home / 'registry.db'}", wait=chosen.wait)
        return SqlRegistry(chosen.url, wait=chosen.wait, vault=self.vault.id)

    @cached_property
    def scanner(self) -> ChangeScanner:
        from agent.adapters.bandit_scanner import BanditScanner

        return BanditScanner(seconds=self.settings.scan.seconds)

    @cached_property
    def code(self) -> CodeRepository:
        from agent.adapters.code_repository import GitCodeRepository

        return GitCodeRepository()

    @cached_property
    def jobs(self) -> DbosJobs:
        from agent.adapters.engine import DbosJobs

        return DbosJobs(self.settings.engine_url, self.vault.id, str(self.home))

    @cached_property
    def processes(self) -> LocalProcesses:
        return LocalProcesses()

    @cached_property
    def lock(self) -> HomeLock:
        return HomeLock(self.home / "owner.lock")

    @cached_property
    def limits(self) -> Limits:
        chosen = self.settings
        return Limits(
            lock_wait=chosen.lock.wait,
            gateway_budget=chosen.gateway.budget,
            brief_characters=chosen.brief.characters,
            digest_at=time(chosen.review.digest_hour),
            review_window=timedelta(hours=chosen.review.window),
        )

    def make_vault(self) -> None:
        """Make the vault's repository, or adopt the one that is there."""
        self.vault = GitVault.create(self.settings.vault_path)

    def planning(self) -> House:
        """The same doors for a plan, which writes nothing: a catalogue behind the vault is brought up in memory."""
        planned = House(self.settings)
        # What is dear to open is opened here, for the next plan too.
        planned.__dict__.update(self.__dict__ | {"embedder": self.embedder, "gateway": self.gateway})
        catalogue = SqliteCatalogue(self.home / CATALOGUE, read_only=True)
        planned.catalogue = catalogue if catalogue.head() == self.vault.head() else catalogue.snapshot()
        follow.catch_up(planned, placed=True)
        return planned

    def close(self) -> None:
        """Let go of every door that was opened. May repeat; a door used again opens again."""
        for name in ("gateway", "embedder", "catalogue", "registry", "jobs"):
            door = self.__dict__.pop(name, None)
            if door is not None:
                door.close()
