// ControlPlane: the daemon: collects, numbers, records, guards, injects, rolls back; serves its API. It can not draw.
