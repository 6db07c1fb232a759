// TestKit: what several suites share: clocks, generators, goldens, a pty, a virtual screen.
