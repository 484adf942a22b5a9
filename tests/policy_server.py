"""An S3 server that enforces the policies of its users: versitygw, with its own IAM server."""

import json
import socket
import subprocess
import time
from dataclasses import dataclass

import boto3
from s3_servers import free_port

ROOT = {"AWS_ACCESS_KEY_ID": "root-of-tests", "AWS_SECRET_ACCESS_KEY": "secret-of-tests"}
REGION = "us-east-1"


@dataclass(frozen=True)
class Gateway:
    """The addresses of the S3 server and the IAM server."""

    s3: str
    iam: str

    def environment(self, keys=ROOT):
        """Return the variables with which boto3 and the lab reach the servers."""
        return {
            **keys,
            "AWS_ENDPOINT_URL_S3": self.s3,
            "AWS_ENDPOINT_URL_IAM": self.iam,
            "AWS_DEFAULT_REGION": REGION,
        }

    def client(self, service, keys=ROOT):
        return boto3.client(
            service,
            endpoint_url={"s3": self.s3, "iam": self.iam}[service],
            region_name=REGION,
            aws_access_key_id=keys["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=keys["AWS_SECRET_ACCESS_KEY"],
        )

    def user(self, name, policy):
        """Create a user who may do what the policy allows; return the keys."""
        iam = self.client("iam")
        iam.create_user(UserName=name)
        # The IAM server knows only policies of users, and evaluates them as AWS does.
        iam.put_user_policy(UserName=name, PolicyName="lab", PolicyDocument=json.dumps(policy))
        made = iam.create_access_key(UserName=name)["AccessKey"]
        return {"AWS_ACCESS_KEY_ID": made["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": made["SecretAccessKey"]}


def start_gateway(executable, folder):
    """Start both servers; return their addresses, and a function that stops them."""
    s3, iam, private = free_port(), free_port(), folder / "iam.sock"
    command = [
        executable,
        *("--access", ROOT["AWS_ACCESS_KEY_ID"], "--secret", ROOT["AWS_SECRET_ACCESS_KEY"]),
        *("--region", REGION, "--quiet"),
    ]
    for name in ("iam", "data"):
        (folder / name).mkdir()
    processes = []

    def start(port, *arguments):
        with (folder / "log").open("ab") as log:
            process = subprocess.Popen(
                [*command, "--port", f"127.0.0.1:{port}", *map(str, arguments)], stdout=log, stderr=log
            )
        processes.append(process)
        while process.poll() is None and socket.socket().connect_ex(("127.0.0.1", port)):
            time.sleep(0.02)
        assert process.poll() is None, (folder / "log").read_text()

    def stop():
        for process in processes:
            process.terminate()
            process.wait()

    start(iam, "iam", "--dir", folder / "iam", "--private-ports", private)
    start(s3, "--iam-standalone-endpoint", private, "--iam-cache-disable", "posix", folder / "data")
    return Gateway(f"http://127.0.0.1:{s3}", f"http://127.0.0.1:{iam}"), stop
