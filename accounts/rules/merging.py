"""Which identities are one person: connected parts of the graph of merges."""

from collections.abc import Iterable


def representatives(nodes: Iterable[int], edges: Iterable[tuple[int, int]]) -> dict[int, int]:
    """Each node's representative: the smallest id it is connected with. The order of edges does not matter."""
    parent = {node: node for node in nodes}

    def root(node: int) -> int:
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    for left, right in edges:
        a, b = root(left), root(right)
        parent[max(a, b)] = min(a, b)
    return {node: root(node) for node in parent}
