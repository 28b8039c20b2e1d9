// These tests count this process's descriptors and children, so they run one at a time.

using System.Runtime.Versioning;

[assembly: CollectionBehavior(DisableTestParallelization = true)]
