"""One moto server on loopback for the whole session; nothing outside the machine is ever asked."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any
from urllib.request import Request, urlopen

import boto3
import pytest
from botocore.config import Config
from botocore.loaders import create_loader

from drpolicy.aws.interface import Credentials, LiveSettings
from drpolicy.model.spans import Source, Span

AS_OF = "2026-11-23T00:00:00Z"
PRIMARY, DR, ACCOUNT = "ap-northeast-2", "ap-northeast-1", "123456789012"


@pytest.fixture(scope="session", autouse=True)
def no_ambient_aws() -> Iterator[None]:
    """Whoever runs the tests may have profiles and credentials: they must play no part."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [each for each in os.environ if each.startswith("AWS_") or each.lower().endswith("_proxy")]:
            patch.delenv(name)
        patch.setenv("AWS_CONFIG_FILE", os.devnull)
        patch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        # Every session reads the service models anew; they are megabytes of JSON, and the same for all tests.
        patch.setattr("botocore.session.create_loader", cache(create_loader))
        yield


@pytest.fixture(scope="session")
def endpoint(no_ambient_aws: None) -> Iterator[str]:
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def settings(endpoint: str) -> LiveSettings:
    return LiveSettings(PRIMARY, AS_OF, endpoint, Credentials("testing", "testing"), attempts=1, connect_timeout=2, read_timeout=10)


@pytest.fixture(scope="session")
def client(endpoint: str) -> Callable[..., Any]:
    """Make what is to be observed: ``client(service, region)``."""
    made: dict[tuple[str, str], Any] = {}

    def of(service: str, region: str = PRIMARY) -> Any:
        if (service, region) not in made:
            create: Any = boto3.client
            made[service, region] = create(
                service,
                region_name=region,
                endpoint_url=endpoint,
                aws_access_key_id="testing",
                aws_secret_access_key="testing",
                config=Config(retries={"total_max_attempts": 1}),
            )
        return made[service, region]

    return of


@pytest.fixture
def enforce_permissions(endpoint: str) -> Iterator[Callable[[], None]]:
    """Return what makes moto check credentials and policies from then on; it stops when the test ends."""

    def actions_before_enforcement(count: str) -> None:
        headers = {"Content-Type": "text/plain"}
        urlopen(Request(f"{endpoint}/moto-api/reset-auth", count.encode(), headers, method="POST")).close()

    yield lambda: actions_before_enforcement("0")
    actions_before_enforcement("1000000000")


@pytest.fixture
def span() -> Span:
    source = Source("main.tf", 'resource "aws_s3_bucket" "data" {\n}\n')
    return source.span(0, 32)
