"""A network that nobody uses: an empty block at the interval, and otherwise nothing."""

import os
import subprocess
import time
import unittest

from support.server import COMMAND
from support.testnet import TestnetTest

PREFIX = "/api/ashlar/v1"
IDLE_SECONDS = 2
BLOCKS = 3
WATCH_SECONDS = 10
# Of one processor, by one validator: its connections' signs of life and looks at the time.
CPU_SHARE_MAX = 0.01
SETTLE_SECONDS_MAX = 60


def cpu_seconds(pid):
    total = 0
    for task in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{task}/schedstat", encoding="ascii") as file:
            total += int(file.read().split()[0])
    return total / 1e9


class Idle(TestnetTest):
    def block(self, validator, height):
        answer = validator.request("GET", f"{PREFIX}/blocks/{height}")
        self.assertEqual(answer.status, 200, answer.body)
        return answer.json

    def height(self, validator):
        return validator.request("GET", PREFIX + "/consensus").json["height"]

    def test_1_without_work_it_takes_no_time_of_the_processor(self):
        for validator in self.validators:
            validator.wait_until_ready()
        created = self.validators[0].rest("POST", "/admin/users", {"login": "last"})
        self.assertEqual(created.status, 201, created.body)
        self.wait_for_all("/users/last")
        time.sleep(2)
        height = self.height(self.validators[0])
        before = [cpu_seconds(validator.pid) for validator in self.validators]
        time.sleep(WATCH_SECONDS)
        shares = [(cpu_seconds(validator.pid) - used) / WATCH_SECONDS
                  for validator, used in zip(self.validators, before)]
        print("of a processor:", " ".join(f"{share:.2%}" for share in shares), end=" ", flush=True)
        for share in shares:
            self.assertLess(share, CPU_SHARE_MAX)
        # No block but the one of the interval, which is 60 seconds.
        self.assertLessEqual(self.height(self.validators[0]), height + 1)

    def test_2_an_empty_block_comes_at_the_interval(self):
        self.down()
        for validator in self.validators:
            with open(validator.config, "a", encoding="utf-8") as file:
                file.write(f"idle_seconds: {IDLE_SECONDS}\n")
        result = subprocess.run([COMMAND, "testnet", "up", "--dir", self.net, "--detach"],
                                capture_output=True, text=True, timeout=120, check=False)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        validator = self.validators[1]
        validator.wait_until_ready()
        first = self.height(validator)
        limit = time.monotonic() + SETTLE_SECONDS_MAX
        while self.height(validator) < first + BLOCKS + 1:
            self.assertLess(time.monotonic(), limit, "no empty blocks come")
            time.sleep(0.05)
        blocks = [self.block(validator, first + 1 + number) for number in range(BLOCKS + 1)]
        for block in blocks:
            self.assertEqual(block["transactions"], [])
        # By the blocks' own times, which their leaders set when they begin them.
        for earlier, later in zip(blocks, blocks[1:]):
            self.assertGreaterEqual(later["time_ms"] - earlier["time_ms"],
                                    IDLE_SECONDS * 1000 * 0.9)
        roots = {block["state_root"] for block in blocks}
        self.assertEqual(len(roots), 1, "an empty block changed the state")


if __name__ == "__main__":
    unittest.main()
