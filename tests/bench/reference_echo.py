"""The least that answers a key in a terminal: a whole screen of 80 x 24 from memory, in one write."""

import os
import sys
import termios
import tty

SCREEN = ("\x1b[H" + "\r\n".join("x" * 79 for _ in range(24))).encode()

if __name__ == "__main__":
    before = termios.tcgetattr(0)
    tty.setraw(0)
    try:
        os.write(1, b"ready")
        while key := os.read(0, 64):
            os.write(1, SCREEN + key)
    finally:
        termios.tcsetattr(0, termios.TCSANOW, before)
    sys.exit(0)
