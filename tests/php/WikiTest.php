<?php
declare( strict_types=1 );

use PHPUnit\Framework\TestCase;

class WikiTest extends TestCase {
	public function testMisspeltNameIsAnsweredWithTheNearest(): void {
		$known = [ 'Cite', 'CiteThisPage', 'VisualEditor', 'WikiEditor' ];
		$this->assertSame( 'VisualEdtior (perhaps VisualEditor)', Wiki::withSuggestion( 'VisualEdtior', $known ) );
		$this->assertSame( 'cite (perhaps Cite)', Wiki::withSuggestion( 'cite', $known ) );
		$this->assertSame( 'SemanticMediaWiki', Wiki::withSuggestion( 'SemanticMediaWiki', $known ) );
		$this->assertSame( 'Cite', Wiki::withSuggestion( 'Cite', [] ) );
	}
}
