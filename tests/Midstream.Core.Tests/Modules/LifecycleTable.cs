// Tables of states and events as rows of text, "State: cell cell cell", in the order of the events.

namespace Midstream.Core.Tests.Modules;

internal static class LifecycleTable
{
    internal static TheoryData<TState, TEvent, string> Cells<TState, TEvent>(string[] table, string separator)
        where TState : struct, Enum
        where TEvent : struct, Enum
    {
        var cells = new TheoryData<TState, TEvent, string>();
        foreach (var parts in table.Select(row => row.Split(": ")))
        {
            var columns = parts[1].Split(separator);
            foreach (var happened in Enum.GetValues<TEvent>())
                cells.Add(Enum.Parse<TState>(parts[0]), happened, columns[Convert.ToInt32(happened, null)]);
        }

        return cells;
    }

    internal static void HasEveryRow<TState>(string[] table)
        where TState : struct, Enum => Assert.Equal(Enum.GetNames<TState>(), table.Select(row => row.Split(':')[0]));
}
