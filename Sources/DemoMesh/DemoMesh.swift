// DemoMesh: the game day in a box: the services of the bar, their traffic, real Envoy sidecars, and a seeded simulator.
// Nothing above it knows that the mesh is a demo.
