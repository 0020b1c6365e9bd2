<?php
namespace Pantry;

use MediaWiki\MediaWikiServices;

/** Labels each saved page in a job, and shows that the parser knows the extension. */
class Hooks {
	public function onPageSaveComplete( $page ) {
		$job = new LabelJob( $page->getTitle(), [] );
		MediaWikiServices::getInstance()->getJobQueueGroup()->push( $job );
	}

	public function onParserFirstCallInit( $parser ) {
		$parser->setHook( 'pantry', static fn () => '<b class="pantry">edition one' . $GLOBALS['wgPantryShelf'] . '</b>' );
	}
}
