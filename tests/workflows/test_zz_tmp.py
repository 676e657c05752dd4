import pytest
from pathlib import Path
from lianyue.testing import house, small_contract
from contracts.task import TaskKind
import time
async def test_flow(home):
    if True:
        number = await home.start(small_contract())
        await home.answer_all(TaskKind.QUOTE, 3)
        await home.approve()
        t=time.process_time()
        await home.sign_all()
        await home.until(lambda: 'signed' in home.verbs())
        print('CPU', time.process_time()-t)
        for r in home.wiring.reading.revisions(number,1): print(r.kind, r.company, r.size, r.at)
        last=home.wiring.reading.revisions(number,1)[-1]
        pdf=home.wiring.documents.pdf(last)
        Path('/tmp/es/contract.pdf').write_bytes(pdf)
        Path('/tmp/es/root.pem').write_bytes(home.wiring.signatures.ca_certificate_pem())
        print(home.wiring.documents.check(last, home.wiring.records.agreement_version(number,1)))
        t=time.process_time(); home.wiring.documents.check(last, home.wiring.records.agreement_version(number,1)); print('check',time.process_time()-t)
