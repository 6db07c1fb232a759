// MeshClient: the shared client library: HTTP over libcurl, the API of the control plane, and one adapter a source.
// It keeps no state of the mesh and decides nothing: it observes, and does what it is told.
