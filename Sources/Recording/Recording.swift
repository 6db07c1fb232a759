// Recording: a day on disk: written as it happens, read at any moment of it, played again, told to those not there.
// It knows files and the words of MeshModel; it needs no mesh, no network and no screen.
// It is not the feed of the control plane, though both carry the same events: a recording is compact and can be sought.
