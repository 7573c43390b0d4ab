"""Documents made to do harm, each built in code."""

from tests.hostile.archives import NAMES as NAMES
from tests.hostile.archives import many_members_tar as many_members_tar
from tests.hostile.archives import million_members_tar as million_members_tar
from tests.hostile.archives import nested_zip as nested_zip
from tests.hostile.archives import overlapping_zip as overlapping_zip
from tests.hostile.archives import quine_zip as quine_zip
from tests.hostile.archives import traversing_tar as traversing_tar
from tests.hostile.archives import traversing_zip as traversing_zip
from tests.hostile.archives import zeros_gzip as zeros_gzip
from tests.hostile.base import WORDS as WORDS
from tests.hostile.base import nitf as nitf
from tests.hostile.base import zipped as zipped
from tests.hostile.entities import billion_laughs as billion_laughs
from tests.hostile.entities import docx_laughs as docx_laughs
from tests.hostile.entities import quadratic_blowup as quadratic_blowup
from tests.hostile.references import REFERRING as REFERRING
from tests.hostile.references import listener as listener
