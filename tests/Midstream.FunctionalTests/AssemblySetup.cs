// These tests start real services under load and count processes and descriptors, so they run one at a time.

[assembly: CollectionBehavior(DisableTestParallelization = true)]
