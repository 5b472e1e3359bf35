"""What the product's own roles mean to us."""

from typing import Final

# In lower case, as people keep them; until an admin says which they are. Whoever owns a workspace runs it too.
PRODUCT_ADMINS: Final = ("admin", "administrator", "owner")
