"""Servers for tests: versitygw, an S3 server that checks signatures as AWS does, and an untrusted HTTPS server."""

import contextlib
import ipaddress
import socket
import ssl
import subprocess
import threading
import time
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import boto3
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from lab.bucket.address import S3Address
from lab.bucket.connection import S3Connection
from lab.bucket.s3_storage import PATH_STYLE
from lab.engine.s3 import s3_settings

INSTALL = "no versitygw was found; with Go: go install github.com/versity/versitygw/cmd/versitygw@v1.8.0"
START_SECONDS = 20


def let_spark_reach(root, access, **more):
    """Add the settings for one more bucket, and further options of S3A for it, to a running Spark."""
    configuration = root._jsc.hadoopConfiguration()
    for setting in s3_settings(access):
        configuration.set(setting.name.removeprefix("spark.hadoop."), setting.value)
    for name, value in more.items():
        configuration.set(f"fs.s3a.bucket.{access.address.bucket}.{name.replace('_', '.')}", value)


def free_port():
    """Return a free port of this machine."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def is_open(port, host="127.0.0.1"):
    try:
        socket.create_connection((host, port), timeout=5).close()
    except ConnectionResetError:
        # Somebody accepted the connection and broke it off before it was seen here.
        return True
    except OSError:
        return False
    return True


class Versitygw:
    """A running versitygw with one bucket, and its owner's keys as the variables that AWS's tools read."""

    address = S3Address("course")
    region = "us-east-1"

    def __init__(self, executable, folder, keys):
        self.keys = dict(keys)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._executable = executable
        for name in ("buckets", "users"):
            (folder / name).mkdir()
        command = [executable, "--port", f"127.0.0.1:{self.port}", "--region", self.region, "--quiet", "--keep-alive"]
        self._process = subprocess.Popen(
            [*command, "--iam-dir", folder / "users", "posix", folder / "buckets"],
            env={"ROOT_ACCESS_KEY": keys["AWS_ACCESS_KEY_ID"], "ROOT_SECRET_KEY": keys["AWS_SECRET_ACCESS_KEY"]},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        deadline = time.monotonic() + START_SECONDS
        while not is_open(self.port):
            assert self._process.poll() is None, "versitygw ended"
            assert time.monotonic() < deadline, "versitygw does not answer"
            time.sleep(0.01)
        self.connection = S3Connection(self.client, str(self.address))
        self.connection.ask(lambda s3: s3.create_bucket(Bucket=self.address.bucket))

    def environment(self):
        """Return the variables with which AWS's tools use this server."""
        return {**self.keys, "AWS_ENDPOINT_URL": self.url, "AWS_DEFAULT_REGION": self.region}

    def client(self, url="", keys=None):
        """Return a boto3 client with the owner's or other keys; `url` may be a proxy in front of the server."""
        keys = keys or self.keys
        return boto3.client(
            "s3",
            endpoint_url=url or self.url,
            region_name=self.region,
            aws_access_key_id=keys["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=keys["AWS_SECRET_ACCESS_KEY"],
            config=PATH_STYLE,
        )

    def add_user(self, name):
        """Create a user without rights; return the keys."""
        command = ["create-user", "--access", name, "--secret", f"secret-of-{name}", "--role", "user"]
        subprocess.run(
            [self._executable, "admin", "--endpoint-url", self.url, *command],
            env={
                "ADMIN_ACCESS_KEY": self.keys["AWS_ACCESS_KEY_ID"],
                "ADMIN_SECRET_KEY": self.keys["AWS_SECRET_ACCESS_KEY"],
            },
            check=True,
            capture_output=True,
        )
        return {"AWS_ACCESS_KEY_ID": name, "AWS_SECRET_ACCESS_KEY": f"secret-of-{name}"}

    def stop(self):
        self._process.terminate()
        self._process.wait()


def self_signed(path):
    """Write a self-signed certificate for 127.0.0.1 and its key into one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "a proxy")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    path.write_bytes(key.private_bytes(pem, *plain) + certificate.public_bytes(pem))
    return path


class _Quiet(ThreadingHTTPServer):
    daemon_threads = False

    def handle_error(self, request, client_address):
        pass  # a client that does not trust this server disconnects


class _NotFound(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_error(404)

    def do_HEAD(self):
        self.send_error(404)

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def untrusted_server(folder):
    """Yield the URL of an HTTPS server whose certificate nobody trusts."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(self_signed(folder / "untrusted.pem"))
    server = _Quiet(("127.0.0.1", 0), _NotFound)
    # The handshake takes place in the connection's thread, so that it does not block the next connection.
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"https://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
