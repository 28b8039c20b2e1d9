// These tests count this process's descriptors and children, so they run one at a time.

[assembly: CollectionBehavior(DisableTestParallelization = true)]
