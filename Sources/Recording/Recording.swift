// Recording: a day on disk: write, read, replay, export. It knows no network and no screen.
