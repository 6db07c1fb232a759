// PinnedThreads: an executor which owns one thread.
