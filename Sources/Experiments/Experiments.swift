// Experiments: Chaos Toolkit documents: read, check, run, journal.
// It injects nothing by itself: faults go through the control plane.
