# SPDX-License-Identifier: Apache-2.0
"""Half a day of two beds at 1 Hz: what a reading takes on disk, that a question about sealed history
stays quick, and that no portion of sealing holds a batch up for long. Limits are wide: the machine
may be busy; tests/bench/history.py measures."""
import os
import subprocess
import tempfile

from place import BUILD, ROOT, run

RECORDING = os.path.join(ROOT, "tests", "data", "wave1hz", "mimicdb_03700181.csv")


def measure(beds, hours, jitter, recording="", hot=False):
    with tempfile.TemporaryDirectory(prefix="vigil-test-") as folder:
        out = subprocess.run([os.path.join(BUILD, "tests/bench/history"), os.path.join(folder, "v.db"),
                              str(beds), str(hours), recording, str(jitter)], capture_output=True, text=True,
                             timeout=120, env={**os.environ, **({"NO_QUESTIONS": "1"} if recording else {}), **({"HOT": "1"} if hot else {})})
        assert out.returncode == 0, out.stderr
        rows = {}
        for line in out.stdout.splitlines():
            fields = dict(f.split("=") for f in line.split() if "=" in f)
            rows[fields.get("ask", line.split()[0])] = fields
        return rows


def a_sealed_reading_takes_a_byte_and_a_question_milliseconds():
    got = measure(2, 12, 40)  # gateways whose clocks tick unevenly
    print("  ", got["size"], got["cost"])
    sealed, size = int(got["size"]["sealed"]), got["size"]
    assert sealed > 0.8 * int(size["readings"]), size
    assert float(size["blobs_per_sealed"]) <= 0.8, size
    assert float(size["pages_per_sealed"]) <= 1.0, size  # whole pages, indexes too
    assert float(got["first_page_of_all"]["ms"]) < 50, got["first_page_of_all"]
    assert float(got["30d_step_1h"]["ms"]) < 200 and float(got["24h"]["ms"]) < 50, got
    assert int(got["24h"]["rows"]) == 10 * 3600, got["24h"]
    assert float(got["cost"]["portion_ms"]) < 60, got["cost"]


def a_real_recording_takes_little_room_hot_and_sealed():
    """Five signals a message: what a message takes by itself weighs more than with seven. The empty tables are among it,
    some 80 KB."""
    for beds, hours, hot, limit in ((60, 0.5, True, 4.5), (2, 12, False, 1.0)):
        size = measure(beds, hours, 40, RECORDING, hot)["size"]
        print("  ", size)
        took = float(size["bytes_per_reading" if hot else "pages_per_sealed"])
        assert (int(size["sealed"]) == 0) == hot and took <= limit, size


if __name__ == "__main__":
    run([a_real_recording_takes_little_room_hot_and_sealed, a_sealed_reading_takes_a_byte_and_a_question_milliseconds])
