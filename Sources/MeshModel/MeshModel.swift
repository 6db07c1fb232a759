// MeshModel: the words of gameday: mesh, traffic, fault, observation, event; the fold over events and the judgements on it.
// Pure values and functions, standard library only; it has no clock, no network, no file and no screen.
// It is not the wire format of anybody else: what Envoy or Prometheus say is turned into these words by MeshClient.
