// These tests listen to the console, of which there is one, so they run one at a time.

[assembly: CollectionBehavior(DisableTestParallelization = true)]
