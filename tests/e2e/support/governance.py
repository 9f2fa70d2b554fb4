"""A network of a test's own whose validators change."""

import os
import re
import subprocess
import time

from support.server import COMMAND
from support.testnet import TestnetTest, Validator, free_port_row

SETTLE_SECONDS_MAX = 60


class GovernanceTest(TestnetTest):
    def validator_command(self, *arguments, index=0):
        result = subprocess.run(
            [COMMAND, "validator", *arguments, "--server", self.validators[index].url,
             "--token-file", self.validators[index].token_path],
            capture_output=True, text=True, timeout=120, check=False)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        return result.stdout

    def new_validator(self, number):
        """Its key and configuration; it does not run yet. Gives also the key and the address."""
        port, listen = free_port_row(1), free_port_row(1)
        made = Validator(self.net, number, port)
        os.makedirs(made.folder)
        key = subprocess.run([COMMAND, "validator", "key", os.path.join(made.folder, "validator.key")],
                             capture_output=True, text=True, timeout=60, check=True).stdout.strip()
        lines = ["data: data", "genesis: ../genesis.json", "key: validator.key",
                 f"http: 127.0.0.1:{port}", f"listen: 127.0.0.1:{listen}",
                 "expected_delay_ms: 200", "pid_file: ashlar.pid", "peers:"]
        keys = {}
        for line in self.validator_command("list").splitlines():
            words = line.split()
            keys[words[0]] = words[1]
        for validator in self.validators:
            with open(validator.config, encoding="utf-8") as file:
                address = re.search(r"^listen: (\S+)$", file.read(), re.MULTILINE).group(1)
            name = os.path.basename(validator.folder)
            lines += [f"  - key: {keys[name]}", f"    address: {address}"]
        with open(made.config, "w", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")
        return made, key, f"127.0.0.1:{listen}"

    def wait_until(self, holds, what):
        limit = time.monotonic() + SETTLE_SECONDS_MAX
        while not holds():
            self.assertLess(time.monotonic(), limit, what)
            time.sleep(0.05)
