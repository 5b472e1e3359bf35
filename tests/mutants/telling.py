"""A module whose functions tell which statement they come to: cheaper than a tracer, which slows everything."""

import ast

TELL = "__tell__"


def telling(source: str, file: str) -> ast.Module:
    """The same module; before each statement of a function it calls `__tell__(file, function, line)`."""
    tree = ast.parse(source)
    _Teller(file).visit(tree)
    return ast.fix_missing_locations(tree)


class _Teller(ast.NodeTransformer):
    def __init__(self, file: str) -> None:
        self.file = file
        self.names: list[str] = []
        self.depth = 0  # of functions

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.ClassDef:
        self.names.append(node.name)
        self.generic_visit(node)
        self.names.pop()
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        self.names.append(node.name)
        self.depth += 1
        self.generic_visit(node)
        self.depth -= 1
        self.names.pop()
        return node

    def generic_visit(self, node: ast.AST) -> ast.AST:
        super().generic_visit(node)
        for field in ("body", "orelse", "finalbody") if self.depth and not isinstance(node, ast.ClassDef) else ():
            statements = getattr(node, field, None)
            if isinstance(statements, list):
                setattr(node, field, [one for statement in statements for one in (self._told(statement), statement)])
        return node

    def _told(self, statement: ast.stmt) -> ast.stmt:
        arguments = [ast.Constant(self.file), ast.Constant(".".join(self.names)), ast.Constant(statement.lineno)]
        call = ast.Expr(ast.Call(ast.Name(TELL, ast.Load()), list(arguments), []))
        return ast.copy_location(call, statement)
