// Some of these tests count this process's descriptors, so they run one at a time.

[assembly: CollectionBehavior(DisableTestParallelization = true)]
